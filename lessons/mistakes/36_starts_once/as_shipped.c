// # Mistake 36: the server starts once
//
// It greets each client at a path, /tmp/greeting.8888, where the number
// is its argument: programs on this host meet there without a port.
//
// Symptom: the first start goes well. Once it has been killed, each
// further start ends with "bind: Address already in use".
//
// Provoke: cc 36_starts_once.c -o 36_starts_once, start it, end it with
// Ctrl-C, and start it again. (More in task.md.)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    char *end = NULL;
    long number = text ? strtol(text, &end, 10) : 8888;
    if (number < 1 || number > 65535 || (end && *end)) {
        fprintf(stderr, "%s is no number: use 1 to 65535\n", text);
        return 2;
    }
    struct sockaddr_un here = {0};
    here.sun_family = AF_UNIX;
    snprintf(here.sun_path, sizeof here.sun_path,
             "/tmp/greeting.%ld", number);

    int sock = socket(AF_UNIX, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1) {
        perror("bind");
        return 1;
    }
    if (listen(sock, 50) == -1) {
        perror("listen");
        return 1;
    }
    for (;;) {
        int client = accept(sock, NULL, NULL);
        if (client == -1) {
            perror("accept");
            return 1;
        }
        const char *words = "Hello from the server!\n";
        if (send(client, words, strlen(words), MSG_NOSIGNAL) == -1)
            perror("send");
        if (close(client) == -1)
            perror("close");
    }
}
