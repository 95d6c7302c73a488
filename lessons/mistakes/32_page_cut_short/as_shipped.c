// # Mistake 32: the page that is cut short
//
// A web server with one page: the line that you type, in UTF-8. The
// title says how many letters it has.
//
// Symptom: a page in plain English is whole. Of one with accents the
// end is missing: a browser shows it without its last letters.
//
// Provoke: cc 32_page_cut_short.c -o 32_page_cut_short, start it, type
// Crème brûlée, then: curl http://127.0.0.1:8888/ (More in task.md.)
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 // for a system that lacks it
#endif

// Sends all of the bytes. Returns 0, or -1 when a send failed.
static int send_all(int sock, const char *bytes, size_t size)
{
    for (ssize_t n; size > 0; bytes += n, size -= (size_t)n)
        if ((n = send(sock, bytes, size, MSG_NOSIGNAL)) == -1)
            return -1;
    return 0;
}

// How many letters the text has. In UTF-8 a letter begins with a byte
// that is not 10xxxxxx.
static size_t letters(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : getenv("LESSON_PORT");
    char *end = NULL;
    long port = text ? strtol(text, &end, 10) : 8888;
    if (port < 1 || port > 65535 || (end && *end)) {
        fprintf(stderr, "%s is no port: use 1 to 65535\n", text);
        return 2;
    }
    char line[400] = "", page[500], head[200];
    if (fgets(line, sizeof line, stdin) == NULL)
        return 0;
    line[strcspn(line, "\n")] = '\0';
    snprintf(page, sizeof page, "<title>%zu letters</title>\n%s\n",
             letters(line), line);

    int sock = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (sock == -1) {
        perror("socket");
        return 1;
    }
    if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR,
                   &on, sizeof on) == -1) {
        perror("setsockopt");
        return 1;
    }
    struct sockaddr_in here = {0};
    here.sin_family = AF_INET;
    here.sin_port = htons((uint16_t)port);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(sock, (struct sockaddr *)&here, sizeof here) == -1
        || listen(sock, 5) == -1) {
        perror("bind or listen");
        return 1;
    }

    for (;;) {
        int connected = accept(sock, NULL, NULL);
        if (connected == -1) {
            perror("accept");
            return 1;
        }
        char request[4096] = "";
        ssize_t n = 1;
        for (size_t got = 0;
             n > 0 && strstr(request, "\r\n\r\n") == NULL;) {
            n = recv(connected, request + got,
                     sizeof request - 1 - got, 0);
            got += n > 0 ? (size_t)n : 0;
        }
        int size = snprintf(head, sizeof head,
                            "HTTP/1.1 200 OK\r\n"
                            "Content-Type: text/html; charset=utf-8\r\n"
                            "Content-Length: %zu\r\n"
                            "Connection: close\r\n\r\n",
                            letters(page));
        if (n > 0
            && (send_all(connected, head, (size_t)size) == -1
                || send_all(connected, page, strlen(page)) == -1))
            perror("send");
        if (close(connected) == -1)
            perror("close");
    }
}
