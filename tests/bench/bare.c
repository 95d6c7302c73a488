/* bare: what the lessons are measured against: the same work with the
 * least code that does it, no narration and no care.
 *
 *   bare echo PORT [BACKLOG]   one client after the other, read and
 *                              write with a buffer of 64 KiB
 *   bare poll PORT [BACKLOG]   all clients at once
 *   bare datagrams PORT        sends each datagram back
 *
 * Listens at 127.0.0.1 and prints "ready". Ends when it is killed.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 64 * 1024, WATCHED = 8192 };

static char buffer[ROOM];

static void check(int good, const char *call)
{
    if (!good) {
        perror(call);
        exit(1);
    }
}

/* Sends all of it, or gives up. A client that does not read would stall
 * it, but every client of the measurements reads. */
static int send_all(int sock, ssize_t size)
{
    for (ssize_t done = 0, n; done < size; done += n) {
        n = send(sock, buffer + done, (size_t)(size - done),
                 MSG_NOSIGNAL);
        if (n <= 0)
            return 0;
    }
    return 1;
}

static void echo(int sock)
{
    for (;;) {
        int connected = accept(sock, NULL, NULL);
        ssize_t n;

        check(connected != -1, "accept");
        while ((n = recv(connected, buffer, ROOM, 0)) > 0)
            if (!send_all(connected, n))
                break;
        close(connected);
    }
}

static void serve_all(int sock)
{
    static struct pollfd watched[WATCHED];
    nfds_t n = 1;

    watched[0].fd = sock;
    watched[0].events = POLLIN;
    for (;;) {
        check(poll(watched, n, -1) != -1, "poll");
        for (nfds_t i = n; i-- > 1;) {
            ssize_t size;

            if (watched[i].revents == 0)
                continue;
            size = recv(watched[i].fd, buffer, ROOM, 0);
            if (size <= 0 || !send_all(watched[i].fd, size)) {
                close(watched[i].fd);
                watched[i] = watched[--n];
            }
        }
        if (watched[0].revents != 0 && n < WATCHED) {
            watched[n].fd = accept(sock, NULL, NULL);
            check(watched[n].fd != -1, "accept");
            watched[n].events = POLLIN;
            watched[n++].revents = 0;
        }
    }
}

static void datagrams(int sock)
{
    for (;;) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        ssize_t n = recvfrom(sock, buffer, ROOM, 0,
                             (struct sockaddr *)&peer, &length);

        check(n != -1, "recvfrom");
        sendto(sock, buffer, (size_t)n, 0, (struct sockaddr *)&peer,
               length);
    }
}

int main(int argc, char *argv[])
{
    struct sockaddr_in here = {0};
    struct rlimit limit;
    int sock, on = 1, udp;

    if (argc < 3) {
        fputs("usage: bare echo|poll|datagrams PORT [BACKLOG]\n",
              stderr);
        return 2;
    }
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    udp = strcmp(argv[1], "datagrams") == 0;
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)atoi(argv[2]));
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sock = socket(AF_INET, udp ? SOCK_DGRAM : SOCK_STREAM, 0);
    check(sock != -1, "socket");
    if (!udp)
        setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    check(bind(sock, (struct sockaddr *)&here, sizeof here) == 0,
          "bind");
    if (!udp)
        check(listen(sock, argc > 3 ? atoi(argv[3]) : SOMAXCONN) == 0,
              "listen");
    puts("ready");
    fflush(stdout);
    if (udp)
        datagrams(sock);
    else if (strcmp(argv[1], "poll") == 0)
        serve_all(sock);
    else
        echo(sock);
    return 0;
}
