/* A server with a thread for each of two clients. */
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void *serve(void *context)
{
    int one = *(int *)context;
    char bytes[100];
    ssize_t n;

    while ((n = recv(one, bytes, sizeof bytes, 0)) > 0)
        send(one, bytes, (size_t)n, 0);
    close(one);
    return NULL;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    int on = 1, sock = socket(AF_INET, SOCK_STREAM, 0), ones[2];
    pthread_t threads[2];

    here.sin_port = htons((unsigned short)atoi(argv[argc - 1]));
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bind(sock, (struct sockaddr *)&here, sizeof here);
    listen(sock, 5);
    for (int i = 0; i < 2; i++) {
        ones[i] = accept(sock, NULL, NULL);
        pthread_create(&threads[i], NULL, serve, &ones[i]);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    close(sock);
    return 0;
}
