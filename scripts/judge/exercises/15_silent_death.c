/* Clients leave before the list and in the middle of it, by an orderly
 * end and by a reset. The server must survive them all. */
#include "../judge.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINES = 20000 };
static char list[LINES * 24], text[LINES * 24 + 1];

/* Reads the list to its end. A slow client begins only when the server
 * sleeps in send, because all buffers are full. */
static void reads_all(int port, bool slow)
{
    size_t got;
    int fd = slow ? call_narrow(port) : call(port, NULL, NULL);
    if (slow)
        falls_asleep();
    did("a client reads the list to its end%s", slow ? ", slowly" : "");
    enum how how = hear(fd, text, sizeof text, &got, false);
    same("the list", list, strlen(list), text, got,
         how == HEARD_END ? "" : ending(how));
    hang_up(fd, false);
}

/* Leaves before it was sent anything: the stopped server has sent
 * nothing that we could leave unread, so a mere close sends FIN. */
static void leaves_at_once(struct program *p, int port, int i,
                           bool reset)
{
    send_signal(p, SIGSTOP);
    hang_up(call(port, NULL, NULL), reset);
    send_signal(p, SIGCONT);
    did("client %d connected and left at once%s", i,
        reset ? ", by a reset" : "");
}

/* Leaves in the middle: our buffers are small, so the server is in
 * send, or about to be, when our side ends and then a reset comes. */
static void leaves_in_the_middle(int port, int i)
{
    int small = 2048, segment = 500;
    struct sockaddr_in peer = here_at(port);
    int fd = own_socket(SOCK_STREAM);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    if (connect(fd, (struct sockaddr *)&peer, sizeof peer) == 0
        && pump(fd, POLLIN, PATIENCE))
        shutdown(fd, SHUT_WR);
    close(fd);
    did("client %d left in the middle of the list", i);
}

static void judge(void)
{
    int port = some_port();
    struct program *p = serve(port);
    size_t size = 0;
    for (int i = 1; i <= LINES; i++)
        size += (size_t)sprintf(list + size, "This is line %d\n", i);
    reads_all(port, false);
    for (int i = 2; i <= 7; i++) {
        if (i < 5)
            leaves_at_once(p, port, i, i == 4);
        else
            leaves_in_the_middle(port, i);
        reads_all(port, i == 7);
        must_run(p);
    }
}

const struct exercise exercise = {
    .judge = judge,
    .why = "A send to a peer that has gone raises SIGPIPE, which ends "
           "the program without a word; with MSG_NOSIGNAL it fails "
           "with EPIPE, which you can handle.",
    .read = "ch-greeting",
};
