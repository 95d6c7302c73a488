// # 16 A thread for each client
//
// A process can run several functions at once, each in a *thread*.
// Threads cost less than processes, and they share everything: global
// variables, descriptors, and a crash, which ends all of them. With
// older C libraries, compile with `-pthread`.
#define _POSIX_C_SOURCE 200809L

#define TITLE "each client has a thread of its own"
#define PARTNER "10_echo_client"
#include "narrate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

// The backlog, the time limit in seconds, and the buffer, as in 10. The
// buffer is smaller here: it is on the stack of a thread, for which
// some systems reserve 128 KiB or less.
enum { BACKLOG = 5, PATIENCE = 300, ROOM = 16 * 1024 };

// All threads share this number, and its lock, the *mutex*.
static unsigned clients;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// ## One conversation
//
// The echo of lesson 10. It may block, because no other client waits
// for this thread. Returns the name of the call that failed, or `NULL`.
static const char *echo(int connected)
{
    // Time limits for `recv` and `send`, as in 10.
    struct timeval patience = {.tv_sec = PATIENCE};
    if (setsockopt(connected, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1
        || setsockopt(connected, SOL_SOCKET, SO_SNDTIMEO,
                      &patience, sizeof patience) == -1)
        return "setsockopt";

    // Bytes come, all of them go back, as in 10.
    char buffer[ROOM];
    for (;;) {
        ssize_t n = recv(connected, buffer, sizeof buffer, 0);
        if (n == -1 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == -1 ? "recv" : NULL;
        const char *bytes = buffer;
        size_t left = (size_t)n;
        while (left > 0) {
            n = send(connected, bytes, left, MSG_NOSIGNAL);
            if (n == -1 && errno == EINTR)
                continue;
            if (n == -1)
                return "send";
            bytes += n;
            left -= (size_t)n;
        }
    }
}

// A thread starts here, with the value that was given to
// `pthread_create`, and ends when this function returns. It must close
// its socket: when a process ends, the kernel closes all that is still
// open; when a thread ends, it closes nothing.
static void *serve(void *value)
{
    int connected = (int)(intptr_t)value;
    const char *failed = echo(connected);
    if (failed != NULL)
        perror(failed);
    if (close(connected) == -1)
        perror("close");

    // `++` reads the number, adds 1 and writes it back; if two threads
    // did that at the same time, one client might not be counted. So a
    // thread locks the mutex first. Any other thread that tries to lock
    // it blocks until it is unlocked.
    pthread_mutex_lock(&lock);
    fprintf(stderr, "Clients so far: %u\n", ++clients);
    pthread_mutex_unlock(&lock);
    return NULL;
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

    // The next caller, as in 09. The first thread does nothing else.
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

        // A new thread gets one pointer. *A classic mistake*: to give
        // it `&connected`. The next `accept` may change that variable
        // before the thread has read it; then two threads serve the
        // same client. So we put the number itself into the pointer.
        // `pthread_create` returns its error and does not set `errno`.
        // We do so, for `perror`.
        pthread_t thread;
        errno = pthread_create(&thread, NULL, serve,
                               (void *)(intptr_t)connected);
        if (errno != 0) {
            perror("pthread_create");
            if (close(connected) == -1)
                perror("close");
            continue;
        }

        // We will not wait for this thread with `pthread_join`, so we
        // say that it need not be kept once it ends. Without this line
        // its stack would stay behind, as a zombie does in 15.
        pthread_detach(thread);
    }
    return 1;
}
