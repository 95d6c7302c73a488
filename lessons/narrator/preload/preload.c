/* preload.c: the narrator for any program, unchanged.
 *
 * scripts/narrate builds this as build/narrate.so and has the dynamic
 * linker load it before the C library (LD_PRELOAD of ld.so(8)). The
 * program's calls then come here first. Each is made once, with the
 * same arguments, and told in the words of the lessons, whose layers
 * we share; the files beside this one hold what only other programs
 * need.
 *
 * scripts/narrate sets in the environment
 *   NARRATE_OUT      where lines go, as out.h explains
 *   NARRATE_FILE     set: the path of the FILE that -o or -j names
 *   NARRATE_JSON     set: lines of JSON (-j)
 *   NARRATE_PROCESS  the process number (PID) of the program
 *   NARRATE_VERBOSE  set: explain each call each time (-v)
 *   NARRATE_STEP     set: wait for Enter before each call (-s)
 * and a judge
 *   NARRATE_FAULTS   set: tell only the remarks that are certain
 */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE 1
#define NARRATE_PLAYER 1

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "real.h"

enum {
    NARRATE_SEEN = 1024, /* descriptors that we remember */
    NARRATE_HIGH_FD = 1000, /* where our own begin */
};

struct narrate_call;

/* What we keep of a call. */
struct narrate_own {
    const void *from; /* under the stage: where it returns to */
    struct narrate_lent
        *lent; /* close: a connection of two processes */
    int next; /* the size of the next datagram; 0: unknown, -1: late */
    bool counted; /* it was made first */
    bool interrupted; /* by a signal, before it was made */
    bool waits; /* it blocks, and a person may be thinking */
    bool holds; /* SIGPIPE is held back until it is told */
    bool drops; /* close: it resets the connection */
    bool held; /* close: somebody still holds the socket */
    bool before; /* connect: never connected; shutdown: was deaf */
    char args[160]; /* of a call that changes them in place; or "" */
};

/* What we want to know of a row. */
struct narrate_extra {
    char none;
    bool files; /* files have this call, too: told of sockets only */
    bool makes; /* it returns a new descriptor */
    bool changes; /* its arguments, in place */
    bool (*wants)(const intptr_t *arg); /* is it told? */
    /* With the lock held: before it is told, and after. */
    void (*opens)(struct narrate_call *);
    void (*after)(struct narrate_call *);
    /* Calls that may be counted: by what they are told apart (NULL: the
     * first argument); is it ready; its limit. */
    int (*key)(const struct narrate_call *);
    bool (*soon)(const struct narrate_call *);
    long long (*most)(const struct narrate_call *);
};

#include "../text.h"

#include "../errors.h"

#include "../kernel.h"

#include "../ports.h"

#include "../front.h"

#include "../tell.h"

#include "../args.h"

#include "../call.h"

#include "../wrap.h"

#include "../connections.h"

#include "../bytes.h"

#include "../others.h"

#include "../epoll.h"

#include "../records.h"

#include "out.h"

#include "names.h"

#include "language.h"

#include "board.h"

#include "json.h"

#include "notes.h"

#include "notes_buffers.h"

#include "fork.h"

#include "more.h"

#include "count.h"

#include "notes_end.h"

#include "end.h"

#include "rows.h"

#include "take.h"
