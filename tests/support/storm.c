/* storm: a told program that makes its calls under hard conditions.
 *
 *   storm signals   a signal every 300 microseconds, whose handler makes
 *                   calls that fail, while the program allocates memory
 *   storm threads   20 threads
 *   storm forks     10 child processes
 *   storm flood     64 MiB there and back over one TCP connection
 *
 * It ends with 0 if every call did what it should. Its last line says how
 * many calls of `send` it made, all processes and threads together.
 */
#define TITLE "a storm"
#include "narrate.h"
#include <pthread.h>
#include <sys/time.h>
#include <sys/wait.h>

enum { ROUNDS = 100, THREADS = 20, FORKS = 10, CHUNK = 64 * 1024 };

static atomic_int sent;

static _Noreturn void wrong(const char *what)
{
    fprintf(stderr, "storm: %s: errno %d\n", what, errno);
    _exit(1);
}

/* One round of calls over two connected sockets. */
static void talk(unsigned round)
{
    char text[64], got[64];
    int pair[2], size = snprintf(text, sizeof text, "round %u", round);

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
        wrong("socketpair");
    errno = EXDEV;
    if (send(pair[0], text, (size_t)size, 0) != size || errno != EXDEV)
        wrong("send");
    sent++;
    if (recv(pair[1], got, sizeof got, 0) != size
        || memcmp(text, got, (size_t)size) != 0)
        wrong("recv");
    if (listen(-1, 1) != -1 || errno != EBADF)
        wrong("listen");
    if (close(pair[0]) == -1 || close(pair[1]) == -1)
        wrong("close");
}

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
    int saved = errno;

    (void)number;
    signals++;
    if (listen(-1, 7) != -1 || errno != EBADF)
        _exit(3);
    if (setsockopt(-1, SOL_SOCKET, SO_REUSEADDR, "1234", 4) != -1)
        _exit(4);
    errno = saved;
}

static void under_signals(void)
{
    struct itimerval every = {{0, 300}, {0, 300}};
    struct sigaction action = {.sa_handler = on_signal};

    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
    for (unsigned i = 0; signals < 2000; i++) {
        void *room[16];

        for (size_t j = 0; j < 16; j++)
            room[j] = malloc(1 + (i * 97 + j * 1013) % 100000);
        if (i % 8 == 0)
            talk(i);
        for (size_t j = 0; j < 16; j++)
            free(room[j]);
    }
    every = (struct itimerval){0};
    setitimer(ITIMER_REAL, &every, NULL);
}

static void *thread(void *unused)
{
    for (unsigned i = 0; i < ROUNDS; i++)
        talk(i);
    return unused;
}

static void many_threads(void)
{
    pthread_t threads[THREADS];

    for (size_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, thread, NULL) != 0)
            wrong("pthread_create");
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void many_children(void)
{
    int status;

    for (int i = 0; i < FORKS; i++) {
        pid_t child = fork();

        if (child == -1)
            wrong("fork");
        thread(NULL);
        if (child == 0)
            _exit(0);
        sent += ROUNDS; /* the child's */
    }
    for (int i = 0; i < FORKS; i++)
        if (wait(&status) == -1 || status != 0)
            wrong("a child");
}

/* Sends back what comes, until the other side ends. */
static void echo(int listening)
{
    static char bytes[CHUNK];
    int on = 1, sock = accept(listening, NULL, NULL);
    ssize_t n;

    setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    while ((n = recv(sock, bytes, sizeof bytes, 0)) > 0)
        for (ssize_t done = 0; done < n;) {
            ssize_t m = send(sock, bytes + done, (size_t)(n - done), 0);

            if (m == -1)
                wrong("send");
            done += m;
        }
    if (n == -1 || close(sock) == -1)
        wrong("echo");
}

static void flood(void)
{
    static char out[CHUNK], back[CHUNK];
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t length = sizeof here;
    int status, listening = socket(AF_INET, SOCK_STREAM, 0);
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    unsigned state = 1;
    int on = 1; /* or each chunk's end waits for an acknowledgement */
    pid_t child;

    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listening, (struct sockaddr *)&here, sizeof here) == -1
        || listen(listening, 1) == -1)
        wrong("bind");
    getsockname(listening, (struct sockaddr *)&here, &length);
    child = fork();
    if (child == 0) {
        close(sock); /* or recv would never return 0 */
        echo(listening);
        _exit(0);
    }
    if (connect(sock, (struct sockaddr *)&here, sizeof here) == -1)
        wrong("connect");
    if (setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1)
        wrong("setsockopt");
    for (int chunk = 0; chunk < 64 * 1024 * 1024 / CHUNK; chunk++) {
        size_t done = 0, got = 0;

        for (size_t i = 0; i < sizeof out; i++) {
            state = state * 1664525u + 1013904223u;
            out[i] = (char)('a' + (state >> 24) % 26);
        }
        while (done < sizeof out) {
            ssize_t n = send(sock, out + done, sizeof out - done, 0);

            if (n == -1)
                wrong("send");
            done += (size_t)n;
        }
        while (got < sizeof back) {
            ssize_t n = recv(sock, back + got, sizeof back - got, 0);

            if (n <= 0)
                wrong("recv");
            got += (size_t)n;
        }
        if (memcmp(out, back, sizeof out) != 0)
            wrong("other bytes came back");
    }
    close(sock);
    if (waitpid(child, &status, 0) == -1 || status != 0)
        wrong("the echo");
}

int main(void)
{
    const char *storm = getenv("STORM");

    if (storm == NULL)
        return 2;
    if (strcmp(storm, "signals") == 0)
        under_signals();
    else if (strcmp(storm, "threads") == 0)
        many_threads();
    else if (strcmp(storm, "forks") == 0)
        many_children();
    else
        flood();
    printf("%d sent\n", sent);
    return 0;
}
