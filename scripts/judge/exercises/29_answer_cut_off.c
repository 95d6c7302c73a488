/* Requests of many lengths. Only the first byte matters, but the server
 * must read all: its whole answer must come, then FIN, not a reset. */
#include "../judge.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { ANSWER = 10000, REQUEST = 20000 };

static void judge(void)
{
    static char request[REQUEST], answer[2 * ANSWER], expected[256];
    char wrong[80];
    int port = some_port();
    serve(port);
    for (int i = 1; i <= 5; i++) {
        size_t size = i == 1 ? 1 : 3000 + chance(15000), got;
        size_t head = i < 3 ? size : 1000, same_bytes = 0;
        int fd = call(port, NULL, NULL), error = 0;
        socklen_t length = sizeof error;
        memset(request, (int)('n' + chance(13)), size);
        request[0] = (char)('a' + chance(13));
        say(fd, request, head);
        if (head < size)
            read_by_peer(fd, 200);
        if (i == 5) {
            say(fd, request + head, 1000);
            head += 1000;
            read_by_peer(fd, 200);
        }
        bool gone =
            head < size
            && send(fd, request + head, size - head, MSG_NOSIGNAL)
                   == -1;
        shutdown(fd, SHUT_WR);
        did("client %d sent a request of %zu byte%s, first %s%s, and "
            "ended its side",
            i, size, size == 1 ? "" : "s", quoted(request, 1),
            i < 3   ? ""
            : i < 5 ? ", in two parts"
                    : ", in three parts");
        enum how how = hear(fd, answer, sizeof answer, &got, false);
        while (same_bytes < got && answer[same_bytes] == request[0])
            same_bytes++;
        /* If a reset came after FIN, recv returned 0 as well. */
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
        if (how == HEARD_END && (gone || error != 0))
            how = HEARD_RESET;
        snprintf(expected, sizeof expected,
                 "%d times %s for client %d, then the end of the "
                 "stream",
                 ANSWER, quoted(request, 1), i);
        snprintf(wrong, sizeof wrong, "but byte %zu is %s",
                 same_bytes + 1, quoted(answer + same_bytes, 1));
        must(same_bytes == ANSWER && got == ANSWER && how == HEARD_END,
             expected, "%zu bytes, %s, then %s", got,
             same_bytes == got ? "all as they have to be" : wrong,
             ending(how));
        hang_up(fd, false);
    }
}

const struct exercise exercise = {
    .judge = judge,
    .why = "Closing a socket that holds unread bytes sends a reset, "
           "and the peer may lose what is on its way: read until recv "
           "returns 0, then close.",
    .read = "ch-close",
};
