/* ends.h: both ends of a connection over the loopback interface, for
 * the programs here. */
#ifndef ENDS_H
#define ENDS_H

static struct sockaddr_in here;

static void need(int good, const char *what)
{
    if (!good) {
        perror(what);
        exit(1);
    }
}

/* A listening socket, at a port that the kernel chooses. */
static int serve(void)
{
    socklen_t length = sizeof here;
    int sock = socket(AF_INET, SOCK_STREAM, 0);

    here.sin_family = AF_INET;
    here.sin_port = 0;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    need(bind(sock, (struct sockaddr *)&here, sizeof here) == 0, "bin"
                                                                 "d");
    need(listen(sock, 5) == 0, "listen");
    getsockname(sock, (struct sockaddr *)&here, &length);
    return sock;
}

static int call(void)
{
    int sock = socket(AF_INET, SOCK_STREAM, 0);

    need(connect(sock, (struct sockaddr *)&here, sizeof here) == 0,
         "connect");
    return sock;
}

/* ends[0] is the caller's, ends[1] the one that accept returned. */
static void pair(int ends[2])
{
    int server = serve();

    ends[0] = call();
    ends[1] = accept(server, NULL, NULL);
    need(ends[1] >= 0, "accept");
    close(server);
}

#endif
