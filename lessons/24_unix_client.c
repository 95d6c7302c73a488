// # 24 UNIX sockets, the client
//
// The client makes a file, reads the first line of it, and passes the
// open file on: the server reads the rest. There is no other way to the
// file, since the client has taken away its name.
#define _POSIX_C_SOURCE 200809L

#define TITLE "reads one line of a file, and passes the open file on"
#define PARTNER "24_unix_server"
#define ADDRESSES LOCAL_PATH
#include "narrate.h"
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

// What stands in the file: the first line is ours to read.
static const char first[] = "This line is read by the client.\n";
static const char rest[] = "These two are read by the server,\n"
                           "which begins where we stopped.\n";

// Makes a file with these lines, and reads the first. `mkstemp` puts
// letters in the place of the Xs, so that the name is new. After
// `unlink` the file is there as long as a descriptor is. Returns the
// descriptor, or -1.
static int half_read_file(void)
{
    char name[] = "/tmp/lesson.XXXXXX", line[sizeof first - 1];
    int file = mkstemp(name);
    if (file == -1) {
        perror("mkstemp");
        return -1;
    }
    if (unlink(name) == -1)
        perror("unlink");
    if (write(file, first, sizeof first - 1) != sizeof first - 1
        || write(file, rest, sizeof rest - 1) != sizeof rest - 1
        || lseek(file, 0, SEEK_SET) == -1
        || read(file, line, sizeof line) != sizeof line) {
        perror("the file");
        close(file);
        return -1;
    }
    printf("%.*s", (int)sizeof line, line);
    return file;
}

// Sends a message with a descriptor. Returns 0, or -1.
static int send_file(int sock, int file)
{
    // A struct says where the bytes are, as in 08. At least one has to
    // go with the descriptor, or nothing is sent.
    char bytes[] = "Read on, please\n";
    struct iovec part = {0};
    part.iov_base = bytes;
    part.iov_len = strlen(bytes);
    union {
        char room[CMSG_SPACE(sizeof file)];
        struct cmsghdr align;
    } ancillary = {{0}};
    struct msghdr message = {0};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = ancillary.room;
    message.msg_controllen = sizeof ancillary.room;

    // The number itself would mean nothing to the server, whose 4 is
    // another file. With `SCM_RIGHTS` the kernel opens the same file
    // there, under the lowest number that is free.
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof file);
    memcpy(CMSG_DATA(c), &file, sizeof file);
    return sendmsg(sock, &message, MSG_NOSIGNAL) == -1 ? -1 : 0;
}

int main(int argc, char *argv[])
{
    // The path, from the command line, as in the server.
    const char *path = argc > 1 ? argv[1] : "lesson.socket";
    struct sockaddr_un peer = {0};
    peer.sun_family = AF_UNIX;
    if (path[0] == '\0' || strlen(path) >= sizeof peer.sun_path) {
        fprintf(stderr, "%s is not a path of 1 to %zu bytes\n", path,
                sizeof peer.sun_path - 1);
        return 2;
    }
    memcpy(peer.sun_path, path, strlen(path));

    // A connection, as in 05. Who may connect? Whoever may write to the
    // path, as with any file.
    int sock = socket(AF_UNIX, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == -1) {
        perror("connect");
        return 1;
    }

    // The file goes to the server. We could close our descriptor now:
    // the message holds the file open until the server has it.
    int file = half_read_file();
    if (file == -1)
        return 1;
    if (send_file(sock, file) == -1) {
        perror("sendmsg");
        return 1;
    }

    // The answer, up to the end of the stream, as in 09.
    char answer[64];
    for (;;) {
        ssize_t n = recv(sock, answer, sizeof answer, 0);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            perror("recv");
            return 1;
        }
        if (n == 0)
            break;
        for (ssize_t i = 0; i < n; i++) {
            unsigned char byte = (unsigned char)answer[i];
            bool plain =
                (isprint(byte) && byte != '\\') || byte == '\n';
            printf(plain ? "%c" : "\\x%02X", byte);
        }
    }

    // We have read one line. Where in the file are we now? Both
    // descriptors share one place, and the server has moved it.
    printf("We are at byte %ld of %zu\n",
           (long)lseek(file, 0, SEEK_CUR),
           sizeof first + sizeof rest - 2);
    if (close(sock) == -1 || close(file) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
