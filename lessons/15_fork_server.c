// # 15 `fork`: a process for each client
//
// Lesson 11 serves all clients in one loop that must never block. Here
// each client has a process of its own, with the simple loop of lesson
// 10. A process may block, or even crash, without harm to the others.
#define _POSIX_C_SOURCE 200809L

#define TITLE "each client has a process of its own"
#define PARTNER "10_echo_client"
#include "narrate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// The backlog, the time limit in seconds, and the buffer, as in 10.
enum { BACKLOG = 5, PATIENCE = 300, ROOM = 64 * 1024 };

// ## One conversation
//
// The echo of lesson 10. It may block, because no other client waits
// for this process.
static void echo(int connected)
{
    // Bytes come, all of them go back, as in 10. The time limit is for
    // the whole process, which serves nobody else: `alarm` asks the
    // kernel to end it after so many seconds, and each new call starts
    // the time again.
    char buffer[ROOM];
    for (;;) {
        alarm(PATIENCE);
        ssize_t n = recv(connected, buffer, sizeof buffer, 0);
        if (n == -1)
            perror("recv");
        if (n <= 0)
            return;
        const char *bytes = buffer;
        size_t left = (size_t)n;
        while (left > 0) {
            n = send(connected, bytes, left, MSG_NOSIGNAL);
            if (n == -1) {
                perror("send");
                return;
            }
            bytes += n;
            left -= (size_t)n;
        }
    }
}

// A process that has ended stays in the kernel's table as a *zombie*
// until its parent calls `waitpid`. The kernel sends the parent SIGCHLD
// when a child ends. Two that end together may cause only one signal,
// so we call `waitpid` until no more have ended. With `WNOHANG` it does
// not block for those that are still running. It may change `errno`,
// which the interrupted code may be about to read, so we restore it.
static void on_child(int number)
{
    (void)number;
    int saved = errno;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
    errno = saved;
}

int main(int argc, char *argv[])
{
    // The address and the port, from the command line, as in 02.
    const char *address = argc > 1 ? argv[1] : "127.0.0.1";
    char *end = "";
    long port = argc > 2 ? strtol(argv[2], &end, 10) : 8888;
    if (*end != '\0' || port < 0 || port > 65535) {
        fprintf(stderr, "%s is not a port: 0 to 65535\n", argv[2]);
        return 2;
    }

    // A TCP socket, as in 01.
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }

    // The address as a struct, in network byte order, as in 02.
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &here.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }

    // Old connections must not hold the port, as in 02.
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }

    // The socket gets its address, as in 02.
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }

    // From now on the kernel answers callers, as in 03.
    if (listen(sock, BACKLOG) == -1) {
        perror("listen");
        return 1;
    }

    // Our handler for SIGCHLD, set as in 11. With `SA_RESTART` an
    // `accept` that the signal interrupts is resumed and does not fail
    // with `EINTR`.
    struct sigaction action = {0};
    action.sa_handler = on_child;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGCHLD, &action, NULL) == -1) {
        perror("sigaction");
        return 1;
    }

    // The next caller, as in 09. The parent does nothing else.
    for (;;) {
        int connected = accept(sock, NULL, NULL);

        // As in 09: only an invalid `sock` ends the server, and only a
        // shortage makes it wait.
        if (connected == -1) {
            int error = errno;
            perror("accept");
            if (error == EBADF || error == EFAULT || error == EINVAL
                || error == ENOTSOCK)
                break;
            if (error == EMFILE || error == ENFILE
                || error == ENOBUFS || error == ENOMEM) {
                fputs("No callers for 2 seconds\n", stderr);
                sleep(2);
            }
            continue;
        }

        // `fork` makes a second process, the child, which runs the same
        // program from here on. It returns 0 in the child, and the
        // child's process number in the parent. Each has both sockets,
        // because a child gets copies of all descriptors. It fails with
        // `EAGAIN` if there are too many processes; we then hang up.
        pid_t child = fork();
        if (child == -1)
            perror("fork");

        // The child serves its client and ends. It takes no callers, so
        // it closes the listening socket: otherwise a restarted server
        // could not `bind` while an old child was still running.
        if (child == 0) {
            if (close(sock) == -1)
                perror("close");
            echo(connected);
            if (close(connected) == -1)
                perror("close");
            return 0;
        }

        // The parent closes its copy. *A classic mistake*: to leave
        // this out. The FIN goes out when the last copy is closed, so
        // the client would never see the end, and after about a
        // thousand clients `accept` would fail with `EMFILE`.
        if (close(connected) == -1)
            perror("close");
    }
    return 1;
}
