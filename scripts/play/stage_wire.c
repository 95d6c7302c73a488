/* stage_wire.c: runs lesson 13 beside the play, and keeps what it prints
 * of each frame. Its lines may come later than those of the lesson whose
 * call sent the frame. So after each step we send a marker, a datagram
 * to 127.0.0.9, where nobody listens, and wait until lesson 13 shows it:
 * by then it has printed everything that came before. */
#define _DEFAULT_SOURCE 1 /* AF_PACKET */
#include "stage_parts.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PATIENCE = 3000, /* milliseconds for lesson 13 to answer */
    LONGEST = 8192 /* bytes of a line that it prints */
};

/* The wire of the live act. */
static struct wire {
    pid_t pid; /* of lesson 13, 0 if it does not run */
    int out; /* what it prints comes here */
    unsigned port;
    int act;
    char line[LONGEST];
    size_t used;
    bool ready; /* it watches */
    int marker; /* the number in the last marker */
    bool marked, seen; /* it was sent; lesson 13 has shown it */
    long long deadline; /* in ms; 0: none */
    struct frame now; /* whose lines are being read */
    int layers; /* how many of its lines have come */
    bool ours; /* it is a marker */
    const char *lost; /* why the wire is no longer watched, or "" */
} wire = {.out = -1, .act = -1, .lost = ""};

/* ---- the right to watch ------------------------------------------------ */

#ifdef __linux__
/* Runs a command and returns its exit status; 127 if it cannot be run. */
static int run(char *const argv[], bool quiet)
{
    pid_t pid = fork();
    int status = 127 << 8;

    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);

        if (quiet)
            dup2(null, STDERR_FILENO);
        dup2(STDERR_FILENO, STDOUT_FILENO);
        unsetenv("MAKEFLAGS");
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
    char *how = geteuid() == 0 ? play_copy("-n") : play_copy("-Urn");
    char *up[] = {(char[]){"unshare"}, how,
                  (char[]){"ip"},      (char[]){"link"},
                  (char[]){"set"},     (char[]){"lo"},
                  (char[]){"up"},      NULL};
    char **again;
    int count = 0;

    if (getenv("STAGE_NETWORK") == NULL && run(up, true) == 0) {
        while (argv[count] != NULL)
            count++;
        again = play_room(NULL, (size_t)count + 8, sizeof *again);
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
    char *make[] = {(char[]){"make"},
                    (char[]){"-s"},
                    (char[]){"-C"},
                    play_copy(stage.settings.root),
                    (char[]){"build/13_wiretap"},
                    NULL};
    int sock;

    if (run(make, false) != 0) {
        fputs("demo: --wire: lesson 13 does not compile\n", stderr);
        return -1;
    }
    free(make[3]);
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
    fputs("demo: --wire: only Linux has packet sockets, which lesson 13"
          " needs; leave --wire out\n",
          stderr);
    return -1;
}
#endif

/* ---- its process ------------------------------------------------------- */

static void lose(const char *why)
{
    stage_wire_end();
    wire.lost = why;
    snprintf(stage.note, sizeof stage.note,
             "13_wiretap %s: the wire is no longer shown", why);
}

static _Noreturn void become(const char *path, unsigned port, int out)
{
    char *number = play_text("%u", port);
    int null = open("/dev/null", O_RDWR);

    setpgid(0, 0);
    program_descriptors(null, out, null, -1, -1);
    unsetenv("LESSON_CUE");
    execl(path, path, "127.0.0.1", number, (char *)NULL);
    _exit(127);
}

static void begin(void)
{
    char *path = play_text("%s/build/13_wiretap", stage.settings.root);
    int ends[2];

    stage_wire_end();
    wire.lost = "";
    wire.deadline = 0;
    wire.used = 0;
    wire.layers = 0;
    wire.ready = wire.marked = wire.seen = false;
    if (pipe(ends) == 0) {
        wire.pid = fork();
        if (wire.pid == 0)
            become(path, wire.port, ends[1]);
        close(ends[1]);
        wire.out = ends[0];
        fcntl(wire.out, F_SETFD, FD_CLOEXEC);
        fcntl(wire.out, F_SETFL, O_NONBLOCK);
    }
    free(path);
    if (wire.pid <= 0) {
        wire.pid = 0;
        lose("cannot be started");
        return;
    }
    setpgid(wire.pid, wire.pid);
    programs_keep(wire.pid, SIGKILL);
}

void stage_wire_begin(unsigned port)
{
    wire.port = port;
    wire.act = stage.live;
    stage.acts[wire.act].frame_count = 0;
    begin();
}

void stage_wire_again(void)
{
    if (stage.live == wire.act && wire.lost[0] != '\0')
        begin();
}

void stage_wire_end(void)
{
    if (wire.pid > 0) {
        kill(-wire.pid, SIGKILL); /* not SIGTERM: it may be stopped */
        while (waitpid(wire.pid, NULL, 0) == -1 && errno == EINTR)
            continue;
        programs_forget(wire.pid);
    }
    if (wire.out != -1)
        close(wire.out);
    wire.out = -1;
    wire.pid = 0;
}

/* ---- the marker -------------------------------------------------------- */

static void send_marker(void)
{
    struct sockaddr_in there = {.sin_family = AF_INET};
    char text[16];
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    int size = snprintf(text, sizeof text, "%d\n", ++wire.marker);

    there.sin_port = htons((uint16_t)wire.port);
    inet_pton(AF_INET, "127.0.0.9", &there.sin_addr);
    wire.marked = true;
    wire.seen = false;
    wire.deadline = play_clock() / 1000 + PATIENCE;
    if (sock == -1
        || sendto(sock, text, (size_t)size, 0,
                  (struct sockaddr *)&there, sizeof there)
               == -1)
        lose("cannot be asked");
    if (sock != -1)
        close(sock);
}

bool stage_wire_settled(void)
{
    if (wire.pid == 0)
        return true;
    if (wire.ready && !wire.marked)
        send_marker();
    if (!wire.ready && wire.deadline == 0)
        wire.deadline = play_clock() / 1000 + PATIENCE;
    if (wire.seen) {
        wire.marked = wire.seen = false;
        wire.deadline = 0;
        return true;
    }
    if (play_clock() / 1000 >= wire.deadline) {
        lose(wire.ready ? "does not answer" : "does not start");
        wire.deadline = 0;
        return true;
    }
    return false;
}

int stage_wire_timeout(void)
{
    long long left = wire.deadline - play_clock() / 1000;

    if (wire.pid == 0 || wire.deadline == 0)
        return -1;
    return left < 0 ? 0 : (int)left;
}

int stage_wire_fd(void)
{
    return wire.out;
}

int stage_wire_count(void)
{
    return stage.live == -1 ? 0 : stage.acts[stage.live].frame_count;
}

const char *stage_wire_lost(void)
{
    return stage.act == wire.act ? wire.lost : "";
}

/* ---- what it prints ---------------------------------------------------- */

/* Keeps a complete frame, unless it is a marker. */
static void keep(void)
{
    struct act *act = &stage.acts[wire.act];
    struct frame *frame = &wire.now;
    char mark[32];

    if (wire.ours) {
        snprintf(mark, sizeof mark, ": \"%d\\x0A\"", wire.marker);
        if (strstr(frame->layers[3], mark) != NULL)
            wire.seen = true;
        return;
    }
    act->frames = play_room(act->frames, (size_t)act->frame_count + 1,
                            sizeof act->frames[0]);
    act->frames[act->frame_count++] = *frame;
    /* A late one, such as a delayed ACK, belongs to the last step. */
    if (!stage.running && act->count > 0)
        act->stops[act->count - 1].frames = act->frame_count;
}

/* Reads ports, flags and numbers from the third line of a frame. */
static void read_header(struct frame *frame)
{
    char flags[16];

    frame->flags[0] = '\0';
    if (sscanf(frame->layers[2],
               " TCP %*d: %u > %u, %15[A-Z+], seq %lu, ack %lu",
               &frame->from, &frame->to, flags, &frame->seq,
               &frame->ack)
        == 5)
        snprintf(frame->flags, sizeof frame->flags, "%s", flags);
    else
        sscanf(frame->layers[2], " UDP %*d: %u > %u", &frame->from,
               &frame->to);
}

/* Takes a line that lesson 13 has printed. */
static void take(const char *line)
{
    struct frame *frame = &wire.now;
    const char *begins = strstr(line, "frame 14: ");

    if (strstr(line, "ends this.") != NULL) {
        wire.ready = true;
        return;
    }
    if (begins != NULL) {
        wire.layers = 0;
        *frame = (struct frame){.from = 0};
        line = begins;
    } else if (wire.layers == 0) {
        return;
    }
    snprintf(frame->layers[wire.layers], sizeof frame->layers[0],
             "%.1023s", line);
    if (wire.layers == 1)
        wire.ours = strstr(line, " > 127.0.0.9,") != NULL;
    if (wire.layers == 2)
        read_header(frame);
    wire.layers = (wire.layers + 1) % 4;
    if (wire.layers == 0)
        keep();
}

void stage_wire_read(void)
{
    char bytes[4096];
    ssize_t n = read(wire.out, bytes, sizeof bytes);

    if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
        lose("has ended");
        return;
    }
    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] == '\n') {
            wire.line[wire.used] = '\0';
            wire.used = 0;
            take(wire.line);
        } else if (wire.used + 1 < sizeof wire.line) {
            wire.line[wire.used++] = bytes[i];
        }
    }
}
