// # Mistake 26: the question to nobody
//
// It sends a question as a datagram and prints the answer. If none
// comes within two seconds or so, it has to say so and exit with 1.
//
// Symptom: with a service at the port all is well. With nobody there,
// sendto reports no error, and the program never ends.
//
// Provoke: cc 26_waits_for_ever.c -o 26_waits_for_ever, start it with
// no program at the port. (More in task.md.)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    char *end = NULL;
    long port = text ? strtol(text, &end, 10) : 8888;
    if (port < 1 || port > 65535 || (end && *end)) {
        fprintf(stderr, "%s is no port: use 1 to 65535\n", text);
        return 2;
    }

    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    struct sockaddr_in peer = {0};
    peer.sin_family = AF_INET;
    peer.sin_port = htons((uint16_t)port);
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    const char *words = "What is the time?\n";
    if (sendto(sock, words, strlen(words), 0,
               (struct sockaddr *)&peer, sizeof peer) == -1) {
        perror("sendto");
        return 1;
    }
    char answer[512];
    ssize_t n = recvfrom(sock, answer, sizeof answer, 0, NULL, NULL);
    if (n == -1) {
        perror("recvfrom");
        return 1;
    }
    fwrite(answer, 1, (size_t)n, stdout);
    if (fflush(stdout) == EOF) {
        perror("standard output");
        return 1;
    }
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}
