/* load: one client that keeps an echo server at 127.0.0.1 busy, and
 * says how fast it was.
 *
 *   load bytes PORT MIB          one connection; prints MiB a second
 *   load connects PORT COUNT     connections one after the other, a line
 *                                through each; prints how many a second
 *   load lines PORT COUNT        one connection, a line at a time, each
 *                                awaited; prints how many a second
 *   load datagrams PORT COUNT K  K of them in flight; prints how many a
 *                                second came back, and how many never
 *
 * Exit status: 0 done, 1 an answer was missing or wrong, 2 arguments.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PIECE = 256 * 1024,
    PATIENCE = 10000,
    LOST_AFTER = 200
}; /* ms */

static char buffer[PIECE];
static struct sockaddr_in server;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int connected(int type)
{
    int sock = socket(AF_INET, type, 0);

    if (sock == -1)
        die("socket");
    if (connect(sock, (struct sockaddr *)&server, sizeof server) == -1)
        die("connect");
    return sock;
}

/* Both directions at once, as fast as the server allows. What comes back
 * is counted and dropped inside the kernel (tcp(7), MSG_TRUNC), so that
 * the server is measured, not this program. */
static void bytes(size_t total)
{
    int sock = connected(SOCK_STREAM);
    size_t sent = 0, got = 0;
    double start = now();

    while (got < total) {
        struct pollfd p = {sock, POLLIN, 0};
        ssize_t n;

        if (sent < total)
            p.events |= POLLOUT;
        if (poll(&p, 1, PATIENCE) != 1)
            die("the server says nothing more");
        if (p.revents & POLLOUT) {
            size_t left = total - sent;

            n = send(sock, buffer, left < PIECE ? left : PIECE,
                     MSG_DONTWAIT | MSG_NOSIGNAL);
            if (n == -1 && errno != EAGAIN)
                die("send");
            sent += n > 0 ? (size_t)n : 0;
            if (sent == total)
                shutdown(sock, SHUT_WR);
        }
        if (p.revents & (POLLIN | POLLHUP | POLLERR)) {
            n = recv(sock, buffer, PIECE, MSG_DONTWAIT | MSG_TRUNC);
            if (n == 0 || (n == -1 && errno != EAGAIN))
                die("recv");
            got += n > 0 ? (size_t)n : 0;
        }
    }
    printf("%.1f\n", (double)total / (1 << 20) / (now() - start));
}

/* Sends a line, and waits until it has come back. */
static void echoed(int sock)
{
    static const char line[] = "Hello from the client!\n";
    size_t got = 0;

    if (send(sock, line, strlen(line), MSG_NOSIGNAL) == -1)
        die("send");
    while (got < strlen(line)) {
        ssize_t n = recv(sock, buffer, PIECE, 0);

        if (n <= 0)
            die("recv");
        got += (size_t)n;
    }
}

static void connects(long count)
{
    double start = now();

    for (long i = 0; i < count; i++) {
        int sock = connected(SOCK_STREAM);

        echoed(sock);
        close(sock);
    }
    printf("%.0f\n", (double)count / (now() - start));
}

static void lines(long count)
{
    int sock = connected(SOCK_STREAM);
    double start = now();

    for (long i = 0; i < count; i++)
        echoed(sock);
    printf("%.0f\n", (double)count / (now() - start));
}

static void datagrams(long count, long flight)
{
    int sock = connected(SOCK_DGRAM);
    long sent = 0, got = 0, lost = 0;
    double start = now(), waited = 0;

    memset(buffer, 'x', 64);
    while (got + lost < count) {
        struct pollfd p = {sock, POLLIN, 0};

        for (; sent < count && sent - got - lost < flight; sent++)
            if (send(sock, buffer, 64, 0) == -1)
                die("send");
        if (poll(&p, 1, LOST_AFTER) == 0) {
            waited += LOST_AFTER / 1e3;
            lost = sent - got;
            continue;
        }
        if (recv(sock, buffer, PIECE, 0) == -1)
            die("recv");
        got++;
    }
    printf("%.0f %ld\n", (double)got / (now() - start - waited), lost);
}

int main(int argc, char *argv[])
{
    if (argc < 4) {
        fputs("usage: load bytes|connects|lines|datagrams PORT AMOUNT "
              "[K]\n",
              stderr);
        return 2;
    }
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)atoi(argv[2]));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (strcmp(argv[1], "bytes") == 0)
        bytes((size_t)atol(argv[3]) << 20);
    else if (strcmp(argv[1], "connects") == 0)
        connects(atol(argv[3]));
    else if (strcmp(argv[1], "lines") == 0)
        lines(atol(argv[3]));
    else
        datagrams(atol(argv[3]), argc > 4 ? atol(argv[4]) : 1);
    return 0;
}
