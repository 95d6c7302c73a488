// Mistake 06, right, though unusual: getaddrinfo makes the address, a
// function the socket.
#define _POSIX_C_SOURCE 200809L
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 // for a system that lacks it
#endif

// Sends all of the bytes. Returns 0, or -1 when a send failed.
static int send_all(int sock, const char *bytes, size_t size)
{
    for (ssize_t n; size > 0; bytes += n, size -= (size_t)n)
        if ((n = send(sock, bytes, size, MSG_NOSIGNAL)) == -1)
            return -1;
    return 0;
}

// A listening socket at that port, or -1.
static int listener(const char *port)
{
    struct addrinfo want = {.ai_family = AF_INET,
                            .ai_socktype = SOCK_STREAM};
    struct addrinfo *here;
    int sock, on = 1, error;
    if ((error = getaddrinfo("127.0.0.1", port, &want, &here)) != 0) {
        fprintf(stderr, "%s: %s\n", port, gai_strerror(error));
        return -1;
    }
    sock = socket(here->ai_family, here->ai_socktype, 0);
    if (sock == -1
        || setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)
        || bind(sock, here->ai_addr, here->ai_addrlen) == -1
        || listen(sock, 1) == -1) {
        perror(port);
        sock = -1;
    }
    freeaddrinfo(here);
    return sock;
}

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    int sock = listener(text != NULL ? text : "8888");
    if (sock == -1)
        return 1;

    int connected = accept(sock, NULL, NULL);
    if (connected == -1) {
        perror("accept");
        return 1;
    }
    const char *words = "Hello from the server!\n";
    if (send_all(connected, words, strlen(words)) == -1) {
        perror("send");
        return 1;
    }
    if (close(connected) == -1 || close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
