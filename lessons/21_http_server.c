// # 21 HTTP by hand, the server
//
// Your browser speaks HTTP, and HTTP is text: lines that you can read,
// and type. This server answers `GET` and `HEAD` with one page. Start
// it, and open http://127.0.0.1:8888/ in a browser.
#define _POSIX_C_SOURCE 200809L

#define TITLE "one page, for any browser"
#define PARTNER "21_http_client"
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

// The backlog and the time limit in seconds, as in 09; how often one
// client may make us read, and how often after our last answer. A
// request has at most `MOST` bytes, and an answer fits into `ROOM`.
enum { BACKLOG = 5, PATIENCE = 1, READS = 100, RESTS = 8 };
enum { MOST = 8192, ROOM = 1024 };

// The page. Two of its letters take two bytes each in UTF-8.
static const char page[] =
    "<!DOCTYPE html>\n"
    "<title>Lesson 21</title>\n"
    "<h1>It works!</h1>\n"
    "<p>Caf\xC3\xA9 cr\xC3\xA8me, served by C.</p>\n";

// Prints a request, a line of it a line here; bytes as in 06.
static void print(const char *head)
{
    for (; *head != '\0'; head++) {
        unsigned char byte = (unsigned char)*head;
        if (byte == '\r' && head[1] == '\n') {
            fputc('\n', stderr);
            head++;
        } else {
            fprintf(stderr, isprint(byte) && byte != '\\'
                    ? "%c" : "\\x%02X", byte);
        }
    }
}

// Below the first line, each line of a request is a *field*: a name, a
// colon and a value. `Host` and `HOST` are the same name. Returns where
// the value begins, or NULL.
static const char *field(const char *head, const char *name)
{
    size_t size = strlen(name);
    const char *line = head;
    while ((line = strstr(line, "\r\n")) != NULL) {
        line += 2;
        if (strncasecmp(line, name, size) == 0 && line[size] == ':') {
            line += size + 1;
            return line + strspn(line, " \t");
        }
    }
    return NULL;
}

// ## One answer
//
// Sends the head of an answer, and its body too unless the request was
// `HEAD`. The length counts bytes, not letters. A browser believes it:
// one too few, and the end of the page is missing. Head and body go out
// in one `send`, for the reason that 20 shows. Returns whether the
// client may ask again.
static bool answer(int connected, const char *status, const char *body,
                   bool only_head, bool keep)
{
    char bytes[ROOM];
    int size =
        snprintf(bytes, sizeof bytes,
                 "HTTP/1.1 %s\r\n"
                 "Content-Type: text/html; charset=utf-8\r\n"
                 "Content-Length: %zu\r\n"
                 "Connection: %s\r\n"
                 "\r\n%s",
                 status, strlen(body), keep ? "keep-alive" : "close",
                 only_head ? "" : body);
    fprintf(stderr, "Answered: %s\n", status);

    // All of it goes out, as in 10.
    size_t sent = 0;
    while (sent < (size_t)size) {
        ssize_t n = send(connected, bytes + sent, (size_t)size - sent,
                         MSG_NOSIGNAL);
        if (n == -1 && errno != EINTR) {
            perror("send");
            return false;
        }
        if (n > 0)
            sent += (size_t)n;
    }
    return keep;
}

// Finds out what a request asks for, and answers it. HTTP/1.1 keeps the
// connection unless one side says `Connection: close`; HTTP/1.0 does
// not. We also close it if we cannot be sure where the next request
// begins: we read no body, so a body would look like a request.
static bool respond(int connected, const char *head, bool last)
{
    // The first line: what to do, with which path, in which version.
    // `%n` stores how far `sscanf` came. The line must end there.
    char method[8], path[256], minor[2];
    int end = 0;
    print(head);
    if (sscanf(head, "%7[A-Z] %255[!-~] HTTP/1.%1[0-9]%n",
               method, path, minor, &end) != 3 || head[end] != '\r'
        || (minor[0] != '0' && field(head, "Host") == NULL))
        return answer(connected, "400 Bad Request", "What?\n",
                      false, false);

    bool only_head = strcmp(method, "HEAD") == 0;
    if (!only_head && strcmp(method, "GET") != 0)
        return answer(connected, "501 Not Implemented",
                      "Only GET and HEAD.\n", false, false);

    const char *wish = field(head, "Connection");
    bool keep = !last && minor[0] != '0'
        && (wish == NULL || strncasecmp(wish, "close", 5) != 0)
        && field(head, "Content-Length") == NULL
        && field(head, "Transfer-Encoding") == NULL;

    // A browser also asks for an icon, /favicon.ico. We have none.
    if (strcmp(path, "/") != 0)
        return answer(connected, "404 Not Found", "Not here.\n",
                      only_head, keep);
    return answer(connected, "200 OK", page, only_head, keep);
}

// ## One conversation
//
// If a call fails, we say so and return, as in 09.
static void converse(int connected)
{
    // Time limits for `recv` and `send`, as in 10. Ours is short: a
    // browser that may keep its connection does so for minutes, and
    // often opens a second one, just in case. The others wait.
    struct timeval patience = {.tv_sec = PATIENCE};
    if (setsockopt(connected, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1
        || setsockopt(connected, SOL_SOCKET, SO_SNDTIMEO,
                      &patience, sizeof patience) == -1) {
        perror("setsockopt");
        return;
    }

    // One `recv` may bring part of a request, or three of them. It adds
    // to the `got` bytes that are not dealt with yet, as in 14. A zero
    // byte follows them, so that `strstr` knows where to stop.
    char bytes[MOST + 1];
    size_t got = 0;
    bool keep = true;
    for (int reads = 1; keep; reads++) {
        ssize_t n = recv(connected, bytes + got, MOST - got, 0);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            perror("recv");
            return;
        }
        if (n == 0)
            return;
        got += (size_t)n;
        bytes[got] = '\0';

        // A time limit is for one call: a client that sends a byte each
        // second could stay for hours. So we count our calls, too.
        bool last = reads >= READS;

        // An empty line ends a request. We cut off the request there,
        // and keep the bytes of the next one, as in 14.
        char *end;
        while (keep && (end = strstr(bytes, "\r\n\r\n")) != NULL) {
            end[2] = '\0';
            keep = respond(connected, bytes, last);
            size_t size = (size_t)(end + 4 - bytes);
            got -= size;
            memmove(bytes, bytes + size, got + 1);
        }

        // *A classic mistake*: to wait for an empty line that never
        // comes, or to make room for a request without end.
        if (keep && got == MOST)
            keep = answer(connected,
                          "431 Request Header Fields Too Large",
                          "Too long.\n", false, false);
        else if (keep && last)
            keep = answer(connected, "408 Request Timeout",
                          "Too slow.\n", false, false);
    }

    // We have said `Connection: close`. Our side ends, and we read the
    // rest, as in 09: `close` at once might lose the answer.
    if (shutdown(connected, SHUT_WR) == -1) {
        perror("shutdown");
        return;
    }
    ssize_t n = 1;
    for (int i = 0; i < RESTS && n != 0; i++) {
        n = recv(connected, bytes, MOST, 0);
        if (n == -1 && errno != EINTR) {
            perror("recv");
            return;
        }
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

    // One client after another, as in 09. We need not know who calls:
    // `NULL`.
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

        converse(connected);
        if (close(connected) == -1)
            perror("close");
    }
    return 1;
}
