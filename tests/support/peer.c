/* A peer that behaves as told, well or badly.
 *
 *   peer connect PORT DEED...   calls a TCP server on 127.0.0.1
 *   peer listen PORT DEED...    accepts one TCP client
 *   peer send PORT DEED...      UDP: the other end is PORT
 *   peer wait PORT DEED...      UDP: the other end is the first sender
 *
 * It prints "ready" once it is connected, listens or is bound, and the
 * name of each deed when it is done:
 *
 *   say TEXT     sends the bytes; \n, \xNN as in C
 *   spell TEXT   the same, one byte per call
 *   fill N       sends N bytes
 *   strange TEXT UDP: sends from a socket of its own
 *   hear         receives once, whatever is there
 *   end          receives until the other side has ended
 *   shut         ends its own direction (shutdown)
 *   close        closes the socket
 *   reset        closes it so that the other side gets an RST
 *   await FIFO   waits until somebody opens the FIFO for writing
 *
 * Exit status 0; 1 if a call failed that should not; 2 for other deeds.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int sock = -1;
static struct sockaddr_in other;
static int udp;

static void must(int good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(1);
}

/* Sends all, unless a call fails: in some tests the peer has gone. */
static void say(int from, const char *bytes, size_t size, size_t piece)
{
    size_t done = 0;

    do {
        size_t part = size - done < piece ? size - done : piece;
        ssize_t n = sendto(from, bytes + done, part, MSG_NOSIGNAL,
                           udp ? (struct sockaddr *)&other : NULL,
                           udp ? sizeof other : 0);
        if (n == -1)
            return;
        done += (size_t)n;
    } while (done < size);
}

static size_t unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        char hex[3] = {0};
        if (strncmp(from, "\\n", 2) == 0) {
            *to++ = '\n';
            from++;
        } else if (strncmp(from, "\\x", 2) == 0) {
            memcpy(hex, from + 2, 2);
            *to++ = (char)strtoul(hex, NULL, 16);
            from += 3;
        } else {
            *to++ = *from;
        }
    }
    return (size_t)(to - text);
}

static ssize_t hear(void)
{
    static char buffer[1 << 17];
    socklen_t length = sizeof other;
    return recvfrom(sock, buffer, sizeof buffer, 0,
                    udp ? (struct sockaddr *)&other : NULL,
                    udp ? &length : NULL);
}

static void open_socket(const char *how, uint16_t port)
{
    int on = 1;

    udp = strcmp(how, "send") == 0 || strcmp(how, "wait") == 0;
    sock = socket(AF_INET, udp ? SOCK_DGRAM : SOCK_STREAM, 0);
    must(sock != -1, "socket");
    other.sin_family = AF_INET;
    other.sin_port = htons(port);
    other.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (strcmp(how, "connect") == 0) {
        must(connect(sock, (struct sockaddr *)&other, sizeof other) == 0,
             "connect");
    } else if (strcmp(how, "send") != 0) {
        if (!udp)
            setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        must(bind(sock, (struct sockaddr *)&other, sizeof other) == 0,
             "bind");
    }
    if (strcmp(how, "listen") == 0)
        must(listen(sock, 5) == 0, "listen");
    puts("ready");
    if (strcmp(how, "listen") == 0) {
        int connected = accept(sock, NULL, NULL);
        must(connected != -1, "accept");
        close(sock);
        sock = connected;
        puts("accepted");
    } else if (strcmp(how, "wait") == 0) {
        must(hear() != -1, "recvfrom");
    }
    if (!udp)
        setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int main(int argc, char *argv[])
{
    must(argc >= 3, "arguments");
    setvbuf(stdout, NULL, _IOLBF, 0);
    open_socket(argv[1], (uint16_t)atoi(argv[2]));
    for (char **deed = argv + 3; *deed != NULL; deed++) {
        const char *name = *deed;
        struct linger at_once = {1, 0};

        if (strcmp(name, "say") == 0) {
            size_t size = unescape(*++deed);
            say(sock, *deed, size, size + 1);
        } else if (strcmp(name, "spell") == 0) {
            size_t size = unescape(*++deed);
            say(sock, *deed, size, 1);
        } else if (strcmp(name, "fill") == 0) {
            size_t size = strtoul(*++deed, NULL, 10);
            char *bytes = malloc(size + 1);
            must(bytes != NULL, "malloc");
            memset(bytes, 'A', size);
            say(sock, bytes, size, size + 1);
            free(bytes);
        } else if (strcmp(name, "strange") == 0) {
            int stranger = socket(AF_INET, SOCK_DGRAM, 0);
            size_t size = unescape(*++deed);
            say(stranger, *deed, size, size + 1);
            close(stranger);
        } else if (strcmp(name, "hear") == 0) {
            hear();
        } else if (strcmp(name, "end") == 0) {
            while (hear() > 0)
                ;
        } else if (strcmp(name, "shut") == 0) {
            shutdown(sock, SHUT_WR);
        } else if (strcmp(name, "close") == 0) {
            close(sock);
        } else if (strcmp(name, "reset") == 0) {
            setsockopt(sock, SOL_SOCKET, SO_LINGER, &at_once,
                       sizeof at_once);
            close(sock);
        } else if (strcmp(name, "await") == 0) {
            close(open(*++deed, O_RDONLY));
        } else {
            fprintf(stderr, "peer: no such deed: %s\n", name);
            return 2;
        }
        puts(name);
    }
    return 0;
}
