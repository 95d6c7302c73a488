// # 24 UNIX sockets, the server
//
// The calls of 03 to 07 without a network: the two programs are on one
// host, and meet at a path instead of a port. In return the kernel does
// what no network can. It says which user is at the other end, and it
// passes open descriptors on.
//
// This server prints what is left to read in a file that a client has
// opened. It never learns the file's name.
#define _GNU_SOURCE // for struct ucred

#define TITLE "prints the rest of a file that somebody else opened"
#define PARTNER "24_unix_client"
#define ADDRESSES LOCAL_PATH
#include "narrate.h"
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

// The backlog, as in 03. How much of a file we print; how long a client
// may say nothing, in seconds.
enum { BACKLOG = 5, MOST = 4096, PATIENCE = 1 };

// Our address. The function for signals needs it, too.
static struct sockaddr_un here;

// The path is in use: by a server that runs, or by one that has ended?
// Nobody removes the path for a server that is killed. Only if nobody
// listens there (`ECONNREFUSED`) do we remove it. Returns whether we
// did, and leaves `errno` as it was.
//
// *A classic mistake*: to call `unlink` in any case. It takes the path
// from a server that runs, or removes a file with that name.
static bool cleared(void)
{
    int saved = errno, sock = -1;
    bool done = false;
    struct stat file;
    if (lstat(here.sun_path, &file) == 0 && S_ISSOCK(file.st_mode))
        sock = socket(AF_UNIX, SOCK_STREAM, 0);
    if (sock != -1) {
        struct sockaddr *path = (struct sockaddr *)&here;
        if (connect(sock, path, sizeof here) == -1
            && errno == ECONNREFUSED)
            done = unlink(here.sun_path) == 0;
        close(sock);
    }
    errno = saved;
    return done;
}

// Ctrl-C: the path must go with us. `unlink` and `_exit` are calls that
// a signal handler may make; `exit` and `printf` are not.
static void on_signal(int number)
{
    (void)number;
    unlink(here.sun_path);
    _exit(0);
}

// ## One client
//
// Which user is at the other end? The kernel has noted it in `connect`,
// and no client can lie. POSIX has no call for it: Linux has an option,
// macOS `getpeereid`. Returns -1, which is no user, if it fails.
static uid_t user_of(int sock)
{
#ifdef SO_PEERCRED
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0)
        return peer.uid;
    perror("getsockopt");
#else
    uid_t user;
    gid_t group;
    if (getpeereid(sock, &user, &group) == 0)
        return user;
    perror("getpeereid");
#endif
    return (uid_t)-1;
}

// Receives a message and the descriptor that comes with it. Returns the
// descriptor, or -1.
static int receive_file(int sock)
{
    // As in 08, but there is also room for *ancillary data*, which the
    // kernel writes beside the bytes. The union aligns that room for a
    // struct cmsghdr. There must be at least one byte besides.
    char bytes[64];
    struct iovec place = {0};
    place.iov_base = bytes;
    place.iov_len = sizeof bytes;
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } ancillary;
    struct msghdr message = {0};
    message.msg_iov = &place;
    message.msg_iovlen = 1;
    message.msg_control = ancillary.room;
    message.msg_controllen = sizeof ancillary.room;
    ssize_t n;
    do
        n = recvmsg(sock, &message, 0);
    while (n == -1 && errno == EINTR);
    if (n == -1) {
        perror("recvmsg");
        return -1;
    }

    // `SCM_RIGHTS` brings descriptors: they are open in our process as
    // from `open`. *A classic mistake*: to take the first and forget
    // the rest. The room is often large enough for two, and a client
    // that sends two each time has soon used up all our numbers. (In a
    // larger room `CMSG_NXTHDR` would find further headers.)
    int file = -1;
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    if (c != NULL && c->cmsg_level == SOL_SOCKET
        && c->cmsg_type == SCM_RIGHTS) {
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int passed;
            memcpy(&passed, CMSG_DATA(c) + i * sizeof passed,
                   sizeof passed);
            if (file == -1)
                file = passed;
            else
                close(passed);
        }
    }

    // The kernel itself has closed those that found no room.
    if (message.msg_flags & MSG_CTRUNC)
        fputs("More descriptors than we want\n", stderr);
    return file;
}

// Prints what is left in the file, and returns how many bytes that was.
// A descriptor has its place in the file, which moves when somebody
// reads. Ours is the client's, passed on: so we begin where the client
// stopped. -1: it is no file that we can read. A pipe, for one, could
// make us wait for ever.
static long print_rest(int file)
{
    struct stat about;
    if (fstat(file, &about) == -1 || !S_ISREG(about.st_mode)) {
        fputs("Not a file on a disk: refused\n", stderr);
        return -1;
    }
    char bytes[MOST];
    ssize_t n = read(file, bytes, sizeof bytes);
    if (n == -1) {
        perror("read");
        return -1;
    }
    for (ssize_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        bool plain = (isprint(byte) && byte != '\\') || byte == '\n';
        printf(plain ? "%c" : "\\x%02X", byte);
    }
    fflush(stdout);
    return (long)n;
}

// We serve our own user only, and answer with the number of bytes. One
// client after another, as in 09, so none may make us wait for long.
static void serve(int connected)
{
    struct timeval patience = {.tv_sec = PATIENCE};
    if (setsockopt(connected, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1) {
        perror("setsockopt");
        return;
    }
    if (user_of(connected) != geteuid()) {
        fputs("Another user: refused\n", stderr);
        return;
    }
    int file = receive_file(connected);
    if (file == -1) {
        fputs("No descriptor came\n", stderr);
        return;
    }
    char answer[64] = "I cannot read that\n";
    long count = print_rest(file);
    if (count >= 0)
        snprintf(answer, sizeof answer, "%ld bytes printed\n", count);
    if (send(connected, answer, strlen(answer), MSG_NOSIGNAL) == -1)
        perror("send");

    // Our copy, and only that: the client still has its own.
    if (close(file) == -1)
        perror("close");
}

int main(int argc, char *argv[])
{
    // The path, from the command line. The struct has room for 108
    // bytes (macOS: 104), and the last is a zero. A path that does not
    // begin with / starts in the folder in which the program runs.
    const char *path = argc > 1 ? argv[1] : "lesson.socket";
    here.sun_family = AF_UNIX;
    if (path[0] == '\0' || strlen(path) >= sizeof here.sun_path) {
        fprintf(stderr, "%s is not a path of 1 to %zu bytes\n", path,
                sizeof here.sun_path - 1);
        return 2;
    }
    memcpy(here.sun_path, path, strlen(path));

    // A stream, as with TCP: bytes, in order, with an end.
    int sock = socket(AF_UNIX, SOCK_STREAM, 0);
    if (sock == -1) {
        perror("socket");
        return 1;
    }

    // `bind` makes a file of a special kind, which `ls -l` shows with
    // an s. It fails if there is any file with this name.
    // `SO_REUSEADDR` does not help: it is for ports.
    int bound = bind(sock, (struct sockaddr *)&here, sizeof here);
    if (bound == -1 && errno == EADDRINUSE && cleared())
        bound = bind(sock, (struct sockaddr *)&here, sizeof here);
    if (bound == -1) {
        perror("bind");
        return 1;
    }
    struct sigaction action = {0};
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, &action, NULL) == -1
        || sigaction(SIGTERM, &action, NULL) == -1) {
        perror("sigaction");
        return 1;
    }

    // From now on the kernel answers callers, as in 03.
    if (listen(sock, BACKLOG) == -1) {
        perror("listen");
        return 1;
    }

    // One client after another, as in 09. Clients have no path: `NULL`.
    for (;;) {
        int connected = accept(sock, NULL, NULL);

        // As in 09: only an invalid `sock` ends the server, and only a
        // shortage makes it wait.
        if (connected == -1) {
            int error = errno;
            perror("accept");
            if (error == EBADF || error == EFAULT || error == EINVAL
                || error == ENOTSOCK)
                break;
            if (error == EMFILE || error == ENFILE
                || error == ENOBUFS || error == ENOMEM) {
                fputs("No callers for 2 seconds\n", stderr);
                sleep(2);
            }
            continue;
        }

        serve(connected);
        if (close(connected) == -1)
            perror("close");
    }
    return 1;
}
