/* Leaves a child in a session of its own, as daemon(3) does. */
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    int sock = socket(AF_INET, SOCK_STREAM, 0);

    if (fork() == 0) {
        setsid();
        if (fork() == 0)
            pause();
        pause();
    }
    close(sock);
    return 0;
}
