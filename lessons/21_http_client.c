// # 21 HTTP by hand, the client
//
// What a browser does before it draws: it asks for a page, and reads
// the answer to its end, which HTTP/1.1 can mark in three ways. It asks
// twice: `HEAD` for the head alone, then `GET` for all of it. Any web
// server on this host will answer.
#define _POSIX_C_SOURCE 200809L

#define TITLE "asks any web server for a page"
#define PARTNER "21_http_server"
#include "narrate.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

// How many seconds we wait for more bytes; room for what one `recv`
// brings, and for a line; and how many lines the head of an answer may
// have.
enum { PATIENCE = 5, ROOM = 4096, LINE = 2048, LINES = 100 };

// A connection, or -1; whether a `recv` on it has failed; and the bytes
// that came and are not read yet.
struct input {
    int sock;
    bool failed;
    size_t from, to;
    char bytes[ROOM];
};

// Returns the next byte, or EOF if none comes: the server has ended its
// side, or a call failed. (After `EINTR`, we call again, as in 09.)
static int next(struct input *in)
{
    while (in->from == in->to) {
        ssize_t n = recv(in->sock, in->bytes, sizeof in->bytes, 0);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            perror("recv");
            in->failed = true;
        }
        if (n <= 0)
            return EOF;
        in->from = 0;
        in->to = (size_t)n;
    }
    return (unsigned char)in->bytes[in->from++];
}

// Prints a byte as in 06; a newline begins a line here, too.
static void print(int byte)
{
    printf((isprint(byte) && byte != '\\') || byte == '\n'
           ? "%c" : "\\x%02X", byte);
}

// Reads a line, without the two bytes that end it. Returns false if no
// whole line comes, or one that is too long.
static bool get_line(struct input *in, char line[LINE])
{
    size_t n = 0;
    int byte;
    while ((byte = next(in)) != '\n') {
        if (byte == EOF || n == LINE - 1)
            return false;
        line[n++] = (char)byte;
    }
    if (n > 0 && line[n - 1] == '\r')
        n--;
    line[n] = '\0';
    return true;
}

// ## The three ends of a body
//
// The first way: so many bytes, as lesson 14 does. Returns false if
// fewer come.
static bool counted(struct input *in, unsigned long size)
{
    for (; size > 0; size--) {
        int byte = next(in);
        if (byte == EOF)
            return false;
        print(byte);
    }
    return true;
}

// The second way: pieces, each with its own length in front, written in
// hexadecimal. So a server can begin before it knows how much there
// will be. A piece of no bytes is the last; more fields may follow it.
static bool chunked(struct input *in)
{
    char line[LINE];
    unsigned long size;
    do {
        if (!get_line(in, line) || !isxdigit((unsigned char)line[0]))
            return false;
        size = strtoul(line, NULL, 16);
        if (size > 0
            && (!counted(in, size) || !get_line(in, line)
                || line[0] != '\0'))
            return false;
    } while (size > 0);
    for (int i = 0; i < LINES; i++) {
        if (!get_line(in, line))
            return false;
        if (line[0] == '\0')
            return true;
    }
    return false;
}

// The third way: the end of the stream, as in 09. Nobody can tell
// whether that was all, or the server has crashed.
static bool until_the_end(struct input *in)
{
    int byte;
    while ((byte = next(in)) != EOF)
        print(byte);
    return !in->failed;
}

// ## One answer
//
// If this line is the field of that name, returns its value, else NULL.
static const char *value(const char *line, const char *name)
{
    size_t size = strlen(name);
    if (strncasecmp(line, name, size) != 0 || line[size] != ':')
        return NULL;
    line += size + 1;
    return line + strspn(line, " \t");
}

// Reads and prints an answer. Returns false if it is not whole. `keep`
// says whether the server takes another request on this connection.
static bool hear(struct input *in, bool only_head, bool *keep)
{
    char line[LINE], minor[2];
    int status = 0, lines = 0;
    bool pieces = false, length = false;
    unsigned long size = 0;

    // The head: a status, then fields up to an empty line. A status
    // below 200 only says "wait": another head follows.
    while (status < 200) {
        if (!get_line(in, line) || ++lines > LINES
            || sscanf(line, "HTTP/1.%1[0-9] %3d", minor, &status) != 2
            || status < 100)
            return false;
        *keep = minor[0] != '0';
        do {
            for (const char *c = line; *c != '\0'; c++)
                print((unsigned char)*c);
            putchar('\n');
            const char *v;
            if ((v = value(line, "Connection")) != NULL)
                *keep = *keep && strncasecmp(v, "close", 5) != 0;
            if ((v = value(line, "Transfer-Encoding")) != NULL)
                pieces = strcasecmp(v, "chunked") == 0;
            if ((v = value(line, "Content-Length")) != NULL) {
                length = isdigit((unsigned char)*v);
                size = strtoul(v, NULL, 10);
            }
            if (!get_line(in, line) || ++lines > LINES)
                return false;
        } while (line[0] != '\0');
    }
    putchar('\n');

    // Some answers have no body, whatever their fields say. Otherwise a
    // reader that looks at the length alone waits for ever.
    if (only_head || status == 204 || status == 304)
        return true;
    if (pieces)
        return chunked(in);
    if (length)
        return counted(in, size);
    *keep = false;
    return until_the_end(in);
}

// Sends a request, all of it, as in 06. `Host` names the server that we
// mean, because many may share one address: in HTTP/1.1 a request
// without it is an error.
static bool ask(int sock, const char *method, const char *address,
                long port, const char *connection)
{
    char request[200];
    snprintf(request, sizeof request,
             "%s / HTTP/1.1\r\nHost: %s:%ld\r\nConnection: %s\r\n\r\n",
             method, address, port, connection);
    const char *bytes = request;
    size_t left = strlen(request);
    while (left > 0) {
        ssize_t n = send(sock, bytes, left, MSG_NOSIGNAL);
        if (n == -1) {
            perror("send");
            return false;
        }
        bytes += n;
        left -= (size_t)n;
    }
    return true;
}

// Connects to the server, as in 05, with a time limit for `recv`, as in
// 09. Returns the socket, or -1 if a call failed.
static int reach(const struct sockaddr_in *peer)
{
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return -1;
    }
    if (connect(sock, (const struct sockaddr *)peer, sizeof *peer)
        == -1) {
        perror("connect");
        return -1;
    }
    struct timeval patience = {.tv_sec = PATIENCE};
    if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1) {
        perror("setsockopt");
        return -1;
    }
    return sock;
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

    // The server's address, filled in as in 02.
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, address, &peer.sin_addr) != 1) {
        fprintf(stderr, "%s is not an IPv4 address\n", address);
        return 2;
    }

    // Two requests, on one connection if the server keeps it. The last
    // one says that there will be no more.
    struct input in = {.sock = -1};
    for (int i = 0; i < 2; i++) {
        if (in.sock == -1)
            in.sock = reach(&peer);
        if (in.sock == -1
            || !ask(in.sock, i == 0 ? "HEAD" : "GET", address, port,
                    i == 0 ? "keep-alive" : "close"))
            return 1;
        bool keep;
        if (!hear(&in, i == 0, &keep)) {
            puts("\nThat is not a whole answer");
            return 1;
        }

        // The end, as in 07. Bytes that came after the answer go too.
        if (!keep || i == 1) {
            if (close(in.sock) == -1) {
                perror("close");
                return 1;
            }
            in.sock = -1;
            in.from = in.to = 0;
        }
    }
    return 0;
}
