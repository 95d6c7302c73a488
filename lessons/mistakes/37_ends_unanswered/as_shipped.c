// # Mistake 37: connected, and ended without an answer
//
// An echo server with a worker. The first process accepts connections
// and passes each on to its child, which sends the line back.
//
// Symptom: the client is connected, sends its line, and the connection
// ends without an answer, or is reset.
//
// Provoke: cc 37_ends_unanswered.c -o 37_ends_unanswered, start it, and
// talk to it with lesson 10's client. (More in task.md.)
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// A message of one byte, with room for one descriptor beside it.
static union {
    char room[CMSG_SPACE(sizeof(int))];
    struct cmsghdr head;
} beside;
static char byte;
static struct iovec part = {&byte, 1};
static struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1,
                                .msg_control = &beside,
                                .msg_controllen = sizeof beside};

// Passes a descriptor on. Returns -1 if that fails.
static ssize_t pass(int to, int descriptor)
{
    beside.head.cmsg_level = SOL_SOCKET;
    beside.head.cmsg_type = SCM_RIGHTS;
    beside.head.cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(&beside.head), &descriptor, sizeof descriptor);
    return sendmsg(to, &message, 0);
}

// The worker: takes client after client, and sends each its line back.
static int work(int from)
{
    signal(SIGPIPE, SIG_IGN);
    while (recvmsg(from, &message, 0) == 1) {
        int client;
        char line[1000];
        memcpy(&client, CMSG_DATA(&beside.head), sizeof client);
        FILE *in = fdopen(client, "r");
        if (in == NULL)
            return 1;
        if (fgets(line, sizeof line, in) != NULL
            && dprintf(client, "%s", line) < 0)
            perror("dprintf");
        fclose(in);
    }
    return 0;
}

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    char *end = NULL;
    long port = text ? strtol(text, &end, 10) : 8888;
    if (port < 1 || port > 65535 || (end && *end)) {
        fprintf(stderr, "%s is no port: use 1 to 65535\n", text);
        return 2;
    }

    // The worker, at the other end of a pair.
    int ends[2], child;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1
        || (child = fork()) == -1) {
        perror("a worker");
        return 1;
    }
    close(ends[child != 0]);
    if (child == 0)
        return work(ends[1]);

    int sock = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    if (sock == -1
        || setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                      &on, sizeof on) == -1) {
        perror("a socket");
        return 1;
    }
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1
        || listen(sock, 50) == -1) {
        perror("bind, listen");
        return 1;
    }
    for (;;) {
        int client = accept(sock, NULL, NULL);
        if (client == -1 || pass(ends[0], client) == -1) {
            perror("accept, pass");
            return 1;
        }

        // The worker has the client now: we are done with it.
        shutdown(client, SHUT_RDWR);
    }
}
