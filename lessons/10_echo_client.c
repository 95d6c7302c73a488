// # 10 A conversation of any length, the client
//
// The client asks for a message, sends it, prints what comes back, and
// asks again, until its input ends. Any bytes will do, and any number
// of them: `./10_echo_client <file >copy` copies the file.
#define TITLE "the client asks, sends, and prints the echo"
#define PARTNER "10_echo_server"
#define ADDRESSES IPV4_OR_IPV6
#define FILTER
#include "narrate.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

// We send at most this many bytes before we read them back. If we sent
// a whole file first, nobody would be reading the echo. It would fill
// the buffers of both kernels; then each side's `send` would wait for
// the other to read, for ever. 16 KiB usually fit into these buffers.
enum { ROOM = 16 * 1024 };

// Makes bytes from the network printable, as in 06, but prints each
// newline as it is: several lines may come.
static void print(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        bool plain = (isprint(byte) && byte != '\\') || byte == '\n';
        printf(plain ? "%c" : "\\x%02X", byte);
    }
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

    // The address may also be an IPv6 address, such as `::1`. Each
    // family has a struct of its own: we fill in both, and `peer`
    // points to the one for this address.
    struct sockaddr_in v4 = {0};
    v4.sin_family = AF_INET;
    v4.sin_port = htons((uint16_t)port);
    struct sockaddr_in6 v6 = {0};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons((uint16_t)port);
    struct sockaddr *peer = (struct sockaddr *)&v4;
    socklen_t size = sizeof v4;
    if (inet_pton(AF_INET, address, &v4.sin_addr) != 1) {
        peer = (struct sockaddr *)&v6;
        size = sizeof v6;
        if (inet_pton(AF_INET6, address, &v6.sin6_addr) != 1) {
            fprintf(stderr, "%s is not an IP address\n", address);
            return 2;
        }
    }

    // A TCP socket of that family.
    int sock = socket(peer->sa_family, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }

    // The handshake with the server's kernel, as in 05.
    if (connect(sock, peer, size) == -1) {
        perror("connect");
        return 1;
    }

    // Is a person typing? `isatty` returns 1 for a terminal. We do not
    // prompt a file or a pipe. If the output is not a terminal either,
    // the echo goes there as it is, byte for byte.
    bool person = isatty(STDIN_FILENO);
    bool raw = !person && !isatty(STDOUT_FILENO);

    // The conversation: a message out, its echo back, then the next.
    char message[ROOM], back[ROOM];
    for (;;) {
        if (person) {
            printf("Enter message to send: ");
            fflush(stdout);
        }

        // From a terminal, `read` gets one line; from a file or a pipe,
        // as many bytes as are there. It returns 0 at Ctrl-D or the end
        // of the file. *A classic mistake*: to send a line without its
        // newline. An empty line then has no bytes at all, and both
        // sides wait for ever.
        ssize_t n = read(STDIN_FILENO, message, sizeof message);
        if (n == -1) {
            perror("read");
            return 1;
        }
        if (n == 0)
            break;
        size_t length = (size_t)n;

        // All of it goes out, as in 06.
        size_t sent = 0;
        while (sent < length) {
            n = send(sock, message + sent, length - sent, MSG_NOSIGNAL);
            if (n == -1) {
                perror("send");
                return 1;
            }
            sent += (size_t)n;
        }

        // Where does the answer end? TCP does not say, so a *protocol*
        // must. Ours: as many bytes come back as were sent. *A classic
        // mistake*: to send 3,000 bytes and ask for 1,024 in a single
        // `recv`. The client then takes the rest for the next answer,
        // and stays behind from then on. So we count bytes.
        size_t got = 0;
        while (got < length) {
            n = recv(sock, back + got, length - got, 0);
            if (n == -1) {
                perror("recv");
                return 1;
            }
            if (n == 0)
                break;
            got += (size_t)n;
        }

        // Output can fail too: the disk may be full.
        if (!raw)
            print(back, got);
        else if (fwrite(back, 1, got, stdout) != got
                 || fflush(stdout) == EOF) {
            perror("fwrite");
            return 1;
        }
        if (got < length) {
            fprintf(stderr, "The server has gone: %zu of %zu bytes"
                            " came back\n", got, length);
            return 1;
        }
    }
    if (person)
        putchar('\n');

    // We have sent everything: a half-close, as in 07. The server sees
    // the end and closes. All bytes are back, so nothing more may come.
    if (shutdown(sock, SHUT_WR) == -1) {
        perror("shutdown");
        return 1;
    }
    char more;
    ssize_t n = recv(sock, &more, sizeof more, 0);
    if (n == -1) {
        perror("recv");
        return 1;
    }
    if (n > 0) {
        fputs("The server sent more than we did\n", stderr);
        return 1;
    }
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
