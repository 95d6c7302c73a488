/* network.c: the right to see what passes on the loopback: a network of
 * the play's own, where that may be made, or CAP_NET_RAW. */
#define _DEFAULT_SOURCE 1 /* AF_PACKET */
#include "parts.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

bool stage_wire_own(void)
{
    return getenv("STAGE_NETWORK") != NULL;
}

#ifdef __linux__
/* Runs a command and returns its exit status; 127 if it cannot be run. */
static int run(char *const argv[])
{
    pid_t pid = fork();
    int status = 127 << 8;

    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);

        dup2(null, STDERR_FILENO);
        dup2(null, STDOUT_FILENO);
        execvp(argv[0], argv);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Starts the program again in a network of its own, which has only lo and
 * gives us all rights; returns if it cannot. user_namespaces(7). */
static void begin_in_own_network(char **argv)
{
    char *how =
        geteuid() == 0 ? memory_copy("-n") : memory_copy("-Urn");
    char *up[] = {(char[]){"unshare"}, how,
                  (char[]){"ip"},      (char[]){"link"},
                  (char[]){"set"},     (char[]){"lo"},
                  (char[]){"up"},      NULL};
    char **again;
    int count = 0;

    if (getenv("STAGE_NETWORK") == NULL && run(up) == 0) {
        while (argv[count] != NULL)
            count++;
        again = memory_for(NULL, (size_t)count + 8, sizeof *again);
        again[0] = up[0];
        again[1] = how;
        again[2] = (char[]){"sh"};
        again[3] = (char[]){"-c"};
        again[4] = (char[]){"ip link set lo up && exec \"$@\""};
        again[5] = (char[]){"sh"};
        memcpy(again + 6, argv, ((size_t)count + 1) * sizeof *again);
        setenv("STAGE_NETWORK", "own", 1);
        execvp(again[0], again);
        free(again);
    }
    free(how);
}

int stage_wire_rights(char **argv)
{
    int sock;

    begin_in_own_network(argv);
    sock = socket(AF_PACKET, SOCK_RAW, 0);
    if (sock == -1) {
        fputs("demo: --wire: it needs the right CAP_NET_RAW; try 'sudo"
              " scripts/demo --stage --wire', or a system that lets"
              " users make a network (unshare -Urn)\n",
              stderr);
        return -1;
    }
    close(sock);
    return 0;
}
#else
int stage_wire_rights(char **argv)
{
    (void)argv;
    fputs("demo: --wire: only Linux has packet sockets; leave --wire"
          " out\n",
          stderr);
    return -1;
}
#endif
