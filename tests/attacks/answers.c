// Answers, and asks, without an end.
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char *argv[])
{
    static char text[1 << 16] = "03_one_behind: mended.\n";
    struct sockaddr_in peer = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "1"))
    };
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int sock = socket(AF_INET, SOCK_STREAM, 0);
        if (sock == -1)
            return 1;
        if (connect(sock, (struct sockaddr *)&peer, sizeof peer) == 0)
            while (send(sock, text, sizeof text, 0) > 0)
                ;
    }
}
