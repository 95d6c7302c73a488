// # 24 UNIX sockets, a pair
//
// For a parent and its child there is a shorter way: two sockets that
// are connected from the start, without a path, `listen` or `accept`. A
// pipe carries bytes one way, a pair both ways.
#define TITLE "two sockets that are connected from the start"
#include "narrate.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// What the child does with its end: it hears a question, answers, and
// is done.
static int answer(int sock)
{
    char question[64];
    ssize_t n = recv(sock, question, sizeof question, 0);
    if (n == -1) {
        perror("recv");
        return 1;
    }
    const char *words = "Nearly.\n";
    if (send(sock, words, strlen(words), MSG_NOSIGNAL) == -1) {
        perror("send");
        return 1;
    }
    if (close(sock) == -1) {
        perror("close");
        return 1;
    }
    return 0;
}

int main(void)
{
    // What one end sends, the other receives.
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1) {
        perror("socketpair");
        return 1;
    }

    // After `fork` each process has both, as in 15, and closes the one
    // that is not its own. *A classic mistake*: to leave this out. Then
    // the parent, which reads up to the end, waits for itself.
    pid_t child = fork();
    if (child == -1) {
        perror("fork");
        return 1;
    }
    if (child == 0) {
        close(ends[0]);
        return answer(ends[1]);
    }
    if (close(ends[1]) == -1) {
        perror("close");
        return 1;
    }

    const char *words = "Are we there yet?\n";
    if (send(ends[0], words, strlen(words), MSG_NOSIGNAL) == -1) {
        perror("send");
        return 1;
    }

    // Up to the end of the stream, as in 09.
    for (;;) {
        char bytes[64];
        ssize_t n = recv(ends[0], bytes, sizeof bytes, 0);
        if (n == -1) {
            perror("recv");
            return 1;
        }
        if (n == 0)
            break;
        printf("The child says: %.*s", (int)n, bytes);
    }

    // The child is a zombie until somebody asks how it has ended.
    int status;
    if (waitpid(child, &status, 0) == -1) {
        perror("waitpid");
        return 1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
