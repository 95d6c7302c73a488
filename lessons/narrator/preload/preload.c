/* preload.c: the narrator for any program, unchanged.
 *
 * scripts/narrate builds this as build/narrate.so and has the dynamic
 * linker load it before the C library (LD_PRELOAD of ld.so(8)). The
 * program's calls then come here first. Each is made once, with the
 * same arguments, and told in the words of the lessons, whose files we
 * share; preload_*.h hold what only programs other than lessons need.
 *
 * scripts/narrate sets in the environment
 *   NARRATE_OUT      where lines go, as preload_out.h explains
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
#define NARRATE_PRELOAD 1
#define PARTNER ""

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
#include <time.h>
#include <unistd.h>

/* Each library call is three functions: narrate_real_* makes it
 * (preload_real.h); narrate_told_*, whose body follows NARRATE_TAKE,
 * tells it; narrate_our_* is what a program calls (preload_take.h). */
#define NARRATE_REAL(type, name, parameters) \
    static inline type narrate_real_##name parameters
#define NARRATE_TAKE(type, name, parameters, arguments) \
    NARRATE_REAL(type, name, parameters); \
    static inline type narrate_told_##name parameters

NARRATE_REAL(int, close, (int));
NARRATE_REAL(int, fcntl, (int, int, ...));
NARRATE_REAL(int, getpeername, (int, struct sockaddr *, socklen_t *));
NARRATE_REAL(int, getsockname, (int, struct sockaddr *, socklen_t *));
NARRATE_REAL(int, getsockopt, (int, int, int, void *, socklen_t *));
NARRATE_REAL(int, poll, (struct pollfd *, nfds_t, int));
NARRATE_REAL(ssize_t, read, (int, void *, size_t));

#include "text.h"

#include "errors.h"

#include "preload_tell.h"

#include "tell.h"

#include "kernel.h"

#include "ports.h"

#include "preload_out.h"

#include "preload_json.h"

#include "preload_count.h"

#include "calls.h"

#include "preload_names.h"

#include "connections.h"

#include "bytes.h"

#include "others.h"

#include "options.h"

#include "preload_real.h"

#include "preload_notes.h"

#include "preload_notes_end.h"

#include "preload_notes_buffers.h"

#include "preload_fork.h"

#include "preload_language.h"

#include "preload_bytes.h"

#include "preload_calls.h"

#include "preload_ready.h"

#include "preload_end.h"

#include "preload_take.h"
