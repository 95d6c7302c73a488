// # Mistake 34: news for others
//
// It joins the group that you type, on the loopback, and prints each
// line that is sent to it. Several can run side by side, each in a
// group of its own.
//
// Symptom: one alone prints its group's news. Two side by side, each in
// another group, print each other's, too.
//
// Provoke: cc 34_news_for_others.c -o 34_news_for_others, start it in
// two terminals, type 239.255.34.1 and 239.255.34.2, and send to one:
// echo news | nc -u -w 1 -s 127.0.0.1 239.255.34.1 8888
// (More in task.md.)
#define _DEFAULT_SOURCE // struct ip_mreq is not in POSIX
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    char *end = NULL;
    long port = text ? strtol(text, &end, 10) : 8888;
    if (port < 1 || port > 65535 || (end && *end)) {
        fprintf(stderr, "%s is no port: use 1 to 65535\n", text);
        return 2;
    }
    char group[32] = "";
    if (fgets(group, sizeof group, stdin) != NULL)
        group[strcspn(group, "\n")] = '\0';
    struct ip_mreq joined = {0};
    joined.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    if (inet_pton(AF_INET, group, &joined.imr_multiaddr) != 1) {
        fprintf(stderr, "%s is no IPv4 address\n", group);
        return 2;
    }

    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    int on = 1;
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    here.sin_addr.s_addr = htonl(INADDR_ANY);
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }
    if (setsockopt(sock, IPPROTO_IP, IP_ADD_MEMBERSHIP,
                   &joined, sizeof joined) == -1) {
        perror("setsockopt");
        return 1;
    }
    printf("In %s\n", group);
    fflush(stdout);

    for (;;) {
        char line[512];
        ssize_t n = recvfrom(sock, line, sizeof line, 0, NULL, NULL);
        if (n == -1) {
            perror("recvfrom");
            return 1;
        }
        for (ssize_t i = 0; i < n && line[i] != '\n'; i++)
            putchar(isprint((unsigned char)line[i]) ? line[i] : '?');
        putchar('\n');
        fflush(stdout);
    }
}
