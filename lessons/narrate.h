/* narrate.h: what a lesson prints about its socket calls.
 *
 * A lesson calls the socket interface itself, in the open; the
 * functions here only tell of it. They make no call on the lesson's
 * behalf but those that look (getsockname, getpeername, getsockopt).
 * Compiled with -DNO_NARRATION the statements vanish and the same calls
 * remain.
 *
 *   begin    reads the command line, prints the title
 *   step     names the call that comes next
 *   waits    says what that call waits for, before it does
 *   result   prints what the call returned, and what that means
 *   fail     prints why the call failed and what to try; exit status 1
 *   carry_on prints that the call failed, and what a server does then
 *   show     prints what the kernel now holds for a socket
 *   note     prints a remark; received, the bytes that came
 *   hold     waits for a person, so that the kernel can be looked at
 *
 * text_of, quoted, hex, count, which_number and other_side return text
 * to print, took the time that the call has taken.
 */
#ifndef NARRATE_H
#define NARRATE_H

#if defined _FEATURES_H || defined _SYS_CDEFS_H_
#error "include narrate.h before the system's headers"
#endif

/* What the headers shall declare: POSIX.1-2008 and struct tcp_info,
 * even under -std=c11. glibc does so for _DEFAULT_SOURCE (with
 * _GNU_SOURCE it would no longer warn of a missing cast to struct
 * sockaddr *); musl shows struct tcp_info for _GNU_SOURCE only, and
 * warns all the same. feature_test_macros(7). */
#ifdef __APPLE__
#define _DARWIN_C_SOURCE 1
#elif !defined _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include <errno.h>
#if defined __linux__ && !defined __GLIBC__ && !defined _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#endif
#include "errors.h"

#ifndef TITLE
#error "a lesson defines TITLE before it includes narrate.h"
#endif

/* What may stand as ADDRESS on the command line. A lesson that takes
 * more than IPv4 says so beside its TITLE, for example
 * #define ADDRESSES HOST_NAME. */
enum narrate_addresses { IPV4, IPV4_OR_IPV6, HOST_NAME };
#ifndef ADDRESSES
#define ADDRESSES IPV4
#endif

/* send(2): without MSG_NOSIGNAL a peer that has left ends the program
 * by SIGPIPE. POSIX.1-2008 has the flag; where a system has not,
 * `begin` ignores the signal instead. */
#ifndef MSG_NOSIGNAL
#include <signal.h>
#define MSG_NOSIGNAL 0
#define NARRATE_IGNORE_SIGPIPE
#endif

enum {
    NARRATE_WIDTH = 70, /* columns; a demo puts a name before them */
    NARRATE_TEXT = 1024, /* bytes, the longest text of one statement */
    NARRATE_QUOTED = 24, /* bytes of a long message that are quoted */
    NARRATE_SEEN = 16, /* descriptors that `hold` shows again */
    NARRATE_HIGH_FD = 50, /* our own descriptors stand out of the way */
};

#define NARRATE_BOLD "\033[1m"
#define NARRATE_CYAN "\033[36m"
#define NARRATE_PLAIN ""

static struct {
    char name[64]; /* the lesson's: its file's name without .c */
    const char *address; /* the one in use, as text */
    uint16_t port; /* host byte order */
    bool help, stepping, quiet; /* -h, -s and -q */
    bool colour;
    bool mute; /* nothing to tell and nobody to wait for */
    int terminal; /* -s: where Enter is read from, or -1 */
    int cue; /* LESSON_CUE: where cues come from, or -1 */
    int number; /* of the step */
    char call[NARRATE_TEXT];
    long long start; /* of the call, by narrate_clock */
    struct narrate_seen {
        int sock;
        ino_t inode;
        bool open, connected;
        struct sockaddr_storage here, peer;
    } seen[NARRATE_SEEN + 1]; /* the last stands for all others */
} narrator = {.address = "", .terminal = -1, .cue = -1};

/* ---- text to print ----------------------------------------------- */

/* Formats like printf, into one of eight buffers in turn, so that
 * several texts may stand in one statement. Leaves errno as it is. */
#ifdef __GNUC__
__attribute__((format(printf, 1, 2)))
#endif
static inline char *
narrate_text(const char *format, ...)
{
    static char buffers[8][NARRATE_TEXT];
    static unsigned turn;
    char *text = buffers[turn++ % 8];
    int error = errno;
    va_list list;

    va_start(list, format);
    vsnprintf(text, NARRATE_TEXT, format, list);
    va_end(list);
    errno = error;
    return text;
}

static inline const char *narrate_v4(const void *address)
{
    char host[INET_ADDRSTRLEN] = "?";
    struct sockaddr_in v4;

    memcpy(&v4, address, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
    return narrate_text("%s:%u", host, (unsigned)ntohs(v4.sin_port));
}

static inline const char *narrate_v6(const void *address)
{
    char host[INET6_ADDRSTRLEN] = "?";
    struct sockaddr_in6 v6;

    memcpy(&v6, address, sizeof v6);
    inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
    return narrate_text("[%s]:%u", host, (unsigned)ntohs(v6.sin6_port));
}

static inline const char *narrate_any(const void *address)
{
    const struct sockaddr *any = address;

    return any->sa_family == AF_INET6 ? narrate_v6(address)
                                      : narrate_v4(address);
}

/* The address in a struct sockaddr, of whichever kind the pointer says,
 * as 127.0.0.1:8888 or [::1]:8888. inet_ntop(3). */
#define text_of(address) \
    _Generic((address), \
        struct sockaddr_in *: narrate_v4, \
        const struct sockaddr_in *: narrate_v4, \
        struct sockaddr_in6 *: narrate_v6, \
        const struct sockaddr_in6 *: narrate_v6, \
        default: narrate_any)(address)

/* The bytes as they lie in memory, in hexadecimal: "22 B8". */
static inline const char *hex(const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    char *text = narrate_text("%s", "");

    for (size_t i = 0; i < size && i < 80; i++)
        sprintf(text + 3 * i - (i > 0), i ? " %02X" : "%02X", byte[i]);
    return text;
}

/* "1 byte", "23 bytes". */
static inline const char *count(long number, const char *thing)
{
    return narrate_text("%ld %s%s", number, thing,
                        number == 1 ? "" : "s");
}

/* The lesson at the other end of the conversation: a server's client,
 * a client's server. */
static inline const char *other_side(void)
{
    static const char *const ends[][2] = {
        {"05_connect", "04_accept"},
        {"11_many_clients", "10_echo_client"},
        {"12_names", "10_echo_server"},
        {"server", "client"},
        {"client", "server"},
        {"receiver", "sender"},
        {"sender", "receiver"},
    };

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const char *at = strstr(narrator.name, ends[i][0]);

        if (at != NULL)
            return narrate_text("%.*s%s", (int)(at - narrator.name),
                                narrator.name, ends[i][1]);
    }
    return "05_connect";
}

/* Why a new descriptor has just this number: open files have the lowest
 * that is free. POSIX.1-2008, XSH 2.14. */
static inline const char *which_number(int descriptor)
{
    if (descriptor == 0)
        return "0 was free, standard input being closed";
    return narrate_text("0%s are in use; %d is the lowest free number",
                        descriptor == 3
                            ? ", 1 and 2"
                            : narrate_text(" to %d", descriptor - 1),
                        descriptor);
}

/* How many bytes at `s` make one letter that is safe to print as it is:
 * printable ASCII but for the quote and the backslash; in UTF-8, U+00A0
 * and up, but no control of direction and nothing that is invisible. 0
 * if it is none. RFC 3629; Unicode's Bidi_Control and Cf, but for the
 * signs of Cf that are seen, and accents, which stand on a letter. */
static inline size_t narrate_letter(const unsigned char *s, size_t left)
{
    static const struct {
        uint32_t from, to;
    } hidden[] = {
        {0xAD, 0xAD},       {0x34F, 0x34F},      {0x61C, 0x61C},
        {0x115F, 0x1160},   {0x17B4, 0x17B5},    {0x180B, 0x180F},
        {0x200B, 0x200F},   {0x2028, 0x202E},    {0x2060, 0x206F},
        {0x3164, 0x3164},   {0xD800, 0xDFFF},    {0xE000, 0xF8FF},
        {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},    {0xFFA0, 0xFFA0},
        {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},    {0x13430, 0x1343F},
        {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},  {0xE0000, 0x1FFFFF},
    };
    static const uint32_t least[] = {0xA0, 0x800, 0x10000};
    size_t size = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    uint32_t code = s[0] & (0xFFu >> (size + 1));

    if (s[0] < 0x7F)
        return s[0] >= ' ' && s[0] != '"' && s[0] != '\\';
    if (s[0] < 0xC2 || s[0] > 0xF4 || size > left)
        return 0;
    for (size_t i = 1; i < size; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3F);
    }
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (code >= hidden[i].from && code <= hidden[i].to)
            return 0;
    return code < least[size - 2] ? 0 : size;
}

/* Writes the bytes so that no terminal is disturbed by them: safe
 * letters as they are, the rest as \n, \t, \", \\ or \xNN. At most
 * `room` bytes with the final zero; returns how many input bytes were
 * written out. */
static inline size_t narrate_escape(char *out, size_t room,
                                    const void *bytes, size_t size)
{
    const unsigned char *s = bytes;
    size_t used = 0, i = 0;

    while (i < size && used + 5 <= room) {
        static const char special[] = "\nn\tt\"\"\\\\";
        const char *known = strchr(special, s[i]);
        size_t letter = narrate_letter(s + i, size - i);

        memcpy(out + used, s + i, letter);
        used += letter;
        if (letter == 0 && s[i] != '\0' && known != NULL)
            used += (size_t)sprintf(out + used, "\\%c", known[1]);
        else if (letter == 0)
            used += (size_t)sprintf(out + used, "\\x%02X", s[i]);
        i += letter == 0 ? 1 : letter;
    }
    out[used] = '\0';
    return i;
}

/* The bytes as a C string, "Hello\n", the first of them when they are
 * many; "..." then follows. No letter is cut in two. */
static inline const char *quoted(const void *bytes, size_t size)
{
    char text[4 * (NARRATE_QUOTED + 8) + 5];
    size_t room =
        size <= NARRATE_QUOTED + 8 ? sizeof text : NARRATE_QUOTED + 4;
    size_t done = narrate_escape(text, room, bytes, size);

    return narrate_text("\"%s\"%s", text, done < size ? "..." : "");
}

/* ---- lines ------------------------------------------------------- */

/* Says so and ends the program when what was printed could not be
 * written, the disk being full perhaps. */
static inline void narrate_check(void)
{
    if (ferror(stdout)) {
        fprintf(stderr, "%s: standard output: %s\n", narrator.name,
                strerror(errno));
        exit(1);
    }
}

/* May a line end before the space at text[i]? Not between = and the
 * result; what the kernel holds is broken between its columns only,
 * which two spaces part. */
static inline bool narrate_breaks(const char *text, int i, int indent)
{
    return text[i] == ' ' && text[i - 1] != ' ' && text[i - 1] != '='
           && (indent != 12 || text[i + 1] == ' ');
}

/* Prints a text as lines of at most NARRATE_WIDTH columns, broken at
 * spaces where there are any: the first after `margin` columns of
 * space, the others after `indent`. A letter of UTF-8 is a column. The
 * end of a line stands for one space; of a message no other is lost. */
static inline void narrate_lines(const char *style, int margin,
                                 int indent, const char *text)
{
    if (narrator.quiet)
        return;
    if (!narrator.colour)
        style = NARRATE_PLAIN;
    do {
        int size = 0, space = 0, columns = margin;

        for (; text[size] != '\0'; size++) {
            if (size > indent - margin
                && narrate_breaks(text, size, indent))
                space = size;
            columns += (text[size] & 0xC0) != 0x80;
            if (columns > NARRATE_WIDTH)
                break;
        }
        if (text[size] != '\0' && space > 0)
            size = space;
        printf("%s%*s%.*s%s\n", style, margin, "", size, text,
               style[0] ? "\033[0m" : "");
        text += size;
        text += indent == 12 ? strspn(text, " ") : text[0] == ' ';
        margin = indent;
    } while (text[0] != '\0');
    narrate_check();
}

/* The line of the current step, and what follows the call in it. */
static inline void narrate_call(const char *rest)
{
    narrate_lines(NARRATE_BOLD, 0, 8,
                  narrate_text("%2d  %s %s", narrator.number,
                               narrator.call, rest));
}

/* Reads a line of a terminal, or (with room 1) one cue. Returns the
 * first letter; q at the end of input, or when a signal came. */
static inline char narrate_key(int from, size_t room)
{
    char line[256];

    if (read(from, line, room) > 0)
        return line[0];
    if (isatty(from))
        printf("\n"); /* after the prompt */
    return 'q';
}

/* Microseconds since some moment in the past. clock_gettime(2). */
static inline long long narrate_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* ---- what a lesson calls ----------------------------------------- */

/* Names the call that comes next, with the values it is given. With -s
 * it waits for Enter first, with LESSON_CUE for a cue. */
static inline void narrate_step(int line, const char *call)
{
    char key = '\n';

    snprintf(narrator.call, sizeof narrator.call, "%s", call);
    narrator.number++;
    if (narrator.cue != -1) {
        printf("cue %d %s\n", line, call);
        key = narrate_key(narrator.cue, 1);
    } else if (narrator.terminal != -1) {
        dprintf(narrator.terminal, "    next: %s  [Enter] ", call);
        key = narrate_key(narrator.terminal, 256);
    }
    if (key == 'q')
        exit(0);
    narrator.start = narrate_clock();
}

/* Says, before a call that may wait, what it waits for. Who gives cues
 * is told so by a line `cue LINE waits`, and gives none for it. */
static inline void narrate_waits(int line, const char *what)
{
    narrate_call(narrate_text("\xE2\x80\xA6 waits for %s", what));
    if (narrator.cue != -1)
        printf("cue %d waits\n", line);
    narrator.start = narrate_clock();
}

/* How long the current call has taken, in microseconds. */
static inline long took(void)
{
    return (long)(narrate_clock() - narrator.start);
}

/* Prints the step's line with what the call returned; -1 is printed
 * with the name of errno, but for getaddrinfo, which has numbers of its
 * own (EAI_BADFLAGS is -1 on Linux). Then what that means. A step is
 * over then: `fail` does not print it again. */
static inline void narrate_result(long value, const char *meaning)
{
    int error = errno;
    bool failed =
        value == -1 && strncmp(narrator.call, "getaddrinfo", 11) != 0;

    narrate_call(failed ? narrate_text("= -1 %s", error_name(error))
                        : narrate_text("= %ld", value));
    if (meaning != NULL)
        narrate_lines(NARRATE_PLAIN, 4, 4, meaning);
    narrator.call[0] = '\0';
    errno = error;
}

/* Prints bytes that came from outside, all of them, in as many lines as
 * it takes; with -q it is all that is printed, in one line, without
 * quotes and final newline. */
static inline void narrate_received(const void *bytes, size_t size)
{
    const char *byte = bytes;
    char text[NARRATE_WIDTH - 15]; /* what fits between the quotes */
    size_t done = 0;

    if (narrator.quiet && size > 0 && byte[size - 1] == '\n')
        size--;
    do {
        done +=
            narrate_escape(text, sizeof text, byte + done, size - done);
        if (!narrator.quiet)
            printf("    received: \"%s\"\n", text);
        else
            printf("%s%s", text, done < size ? "" : "\n");
    } while (done < size);
    narrate_check();
}

/* The names of RFC 9293, section 3.3.2, by Linux's numbers (the enum in
 * netinet/tcp.h; 12 is the kernel's own for a handshake under way). */
static inline const char *narrate_state_name(unsigned long state)
{
    static const char *const names[] = {
        "?",
        "ESTABLISHED",
        "SYN-SENT",
        "SYN-RECEIVED",
        "FIN-WAIT-1",
        "FIN-WAIT-2",
        "TIME-WAIT",
        "CLOSED",
        "CLOSE-WAIT",
        "LAST-ACK",
        "LISTEN",
        "CLOSING",
        "SYN-RECEIVED",
    };

    return names[state < sizeof names / sizeof names[0] ? state : 0];
}

/* An address and port as /proc/net/tcp writes them. proc(5). */
static inline const char *narrate_proc(
    const struct sockaddr_storage *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    uint32_t word[4];

    memcpy(&v4, address, sizeof v4);
    memcpy(&v6, address, sizeof v6);
    memcpy(word, &v6.sin6_addr, sizeof word);
    if (address->ss_family == AF_INET)
        return narrate_text("%08X:%04X", v4.sin_addr.s_addr,
                            ntohs(v4.sin_port));
    return narrate_text("%08X%08X%08X%08X:%04X", word[0], word[1],
                        word[2], word[3], ntohs(v6.sin6_port));
}

/* The state in which Linux keeps a connection whose socket is closed or
 * says CLOSED (tcp(7): TCP_INFO has no view of TIME-WAIT); `gone` if it
 * keeps none. */
static inline const char *narrate_lasting(
    const struct narrate_seen *seen, const char *gone)
{
    const char *key = narrate_text("%s %s ", narrate_proc(&seen->here),
                                   narrate_proc(&seen->peer));
    char line[256], *found = NULL;
    bool four = seen->here.ss_family == AF_INET;
    FILE *file = fopen(four ? "/proc/net/tcp" : "/proc/net/tcp6", "r");

    if (file == NULL)
        return gone;
    while (found == NULL && fgets(line, sizeof line, file) != NULL)
        found = strstr(line, key);
    fclose(file);
    if (found == NULL)
        return gone;
    return narrate_state_name(strtoul(found + strlen(key), NULL, 16));
}

/* State and queue of a socket, as the kernel tells them. tcp(7):
 * TCP_INFO; of a listening socket it holds the queue's length and the
 * backlog in tcpi_unacked and tcpi_sacked. Other kernels than Linux
 * cannot be asked. */
static inline const char *narrate_state(int sock,
                                        const struct narrate_seen *seen,
                                        const char **queue)
{
#ifdef __linux__
    const char *more = "";
    struct tcp_info info;
    socklen_t length = sizeof info;
    int unread = 0;

    if (getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info, &length) == -1)
        return "UDP";
    if (info.tcpi_unacked > info.tcpi_sacked)
        more = " (Linux admits one more)";
    if (info.tcpi_state == TCP_LISTEN)
        *queue =
            narrate_text("  %u waiting, backlog %u%s",
                         info.tcpi_unacked, info.tcpi_sacked, more);
    else if (ioctl(sock, FIONREAD, &unread) == 0 && unread > 0)
        *queue = narrate_text("  %s unread", count(unread, "byte"));
    if (info.tcpi_state != TCP_CLOSE)
        return narrate_state_name(info.tcpi_state);
    if (!seen->connected)
        return "CLOSED (no connection yet)";
    return narrate_lasting(seen, "CLOSED (the connection is over)");
#else
    int type = 0;
    socklen_t length = sizeof type;

    (void)seen, (void)queue;
    getsockopt(sock, SOL_SOCKET, SO_TYPE, &type, &length);
    return type == SOCK_STREAM ? "TCP" : "UDP";
#endif
}

/* The local end of a socket in words. A socket of IPv6 takes callers of
 * IPv4 too unless the system or IPV6_V6ONLY says otherwise. ipv6(7). */
static inline const char *narrate_here(int sock, const char *here)
{
    int alone = 0;
    socklen_t length = sizeof alone;

    if (strcmp(here, "0.0.0.0:0") == 0 || strcmp(here, "[::]:0") == 0)
        return "no address yet";
    if (strncmp(here, "0.0.0.0:", 8) == 0)
        return narrate_text("every IPv4 address of this host, port %s",
                            here + 8);
    if (strncmp(here, "[::]:", 5) == 0) {
        getsockopt(sock, IPPROTO_IPV6, IPV6_V6ONLY, &alone, &length);
        return narrate_text("every %saddress of this host, port %s",
                            alone ? "IPv6 " : "", here + 5);
    }
    return here;
}

/* Prints one line of what the kernel holds now: descriptor, state (TCP
 * only, and on Linux only), addresses, queue. getsockname(2),
 * getpeername(2), tcp(7). It remembers both addresses, so that it can
 * still tell of a connection whose socket has been closed; that the
 * number belongs to another socket now, the inode tells. */
static inline void narrate_show(int sock)
{
    bool few = sock >= 0 && sock < NARRATE_SEEN;
    struct narrate_seen *seen =
        &narrator.seen[few ? sock : NARRATE_SEEN];
    const char *state = NULL, *here = "", *peer = "", *queue = "";
    socklen_t length = sizeof seen->here;
    struct stat file;
    int error = errno;

    if (fstat(sock, &file) == -1)
        file.st_ino = seen->inode;
    if (file.st_ino != seen->inode || sock != seen->sock)
        *seen = (struct narrate_seen){sock, .inode = file.st_ino};
    seen->open =
        getsockname(sock, (struct sockaddr *)&seen->here, &length) == 0;
    length = sizeof seen->peer;
    if (getpeername(sock, (struct sockaddr *)&seen->peer, &length) == 0)
        seen->connected = true;

    if (seen->open)
        state = narrate_state(sock, seen, &queue);
    else if (seen->connected)
        state = narrate_lasting(seen, NULL);
    if (state != NULL)
        here = narrate_here(sock, text_of(&seen->here));
    if (state != NULL && seen->connected)
        peer = narrate_text(" <-> %s", text_of(&seen->peer));
    narrate_lines(NARRATE_CYAN, 4, 12,
                  narrate_text("kernel: fd %d %s %s%s%s%s%s", sock,
                               seen->open ? "" : "closed ",
                               state ? state : "nothing is left of it",
                               here[0] ? "  " : "", here, peer, queue));
    errno = error;
}

/* Waits for a person where standard input is a terminal, and lets the
 * director of a demo look where LESSON_CUE is set: Enter shows the
 * kernel lines again, q or the end of input goes on. */
static inline void narrate_hold(int line, const char *text)
{
    bool cued = narrator.cue != -1;

    if (!cued && (narrator.quiet || !isatty(STDIN_FILENO)))
        return;
    narrate_lines(NARRATE_PLAIN, 4, 4, text);
    for (;;) {
        char key;

        if (cued) {
            printf("cue %d hold\n", line);
            key = narrate_key(narrator.cue, 1);
        } else {
            printf("    Enter: look again, q: end ");
            fflush(stdout);
            key = narrate_key(STDIN_FILENO, 256);
        }
        if (key == 'q')
            return;
        for (int sock = 0; sock < NARRATE_SEEN; sock++)
            if (narrator.seen[sock].open)
                narrate_show(sock);
    }
}

/* Ends the program after a failed call, with exit status 1: prints the
 * step's line with the name of errno, then on standard error what that
 * means here and what to try (errors.h). */
static inline _Noreturn void fail(const char *call)
{
    int error = errno;
    struct error_place place;

    if (strncmp(narrator.call, call, strlen(call)) == 0)
        narrate_result(-1, NULL);
    place.lesson = narrator.name;
    place.other = other_side();
    place.address = narrator.address;
    place.port = narrator.port;
    error_explain(stderr, call, error, &place);
    exit(1);
}

/* Tells of a failed call that the program survives: the step's line
 * with the name of errno, or a remark if the call was no step, and what
 * it does now. With -q, one line on
 * standard error. */
static inline void narrate_carry_on(const char *call, const char *then)
{
    int error = errno;

    if (narrator.quiet)
        fprintf(stderr, "%s: %s: %s (%s). %s\n", narrator.name, call,
                error_name(error), strerror(error), then);
    else if (strncmp(narrator.call, call, strlen(call)) == 0)
        narrate_result(-1, then);
    else
        narrate_lines(
            NARRATE_PLAIN, 4, 4,
            narrate_text("%s: %s. %s", call, error_name(error), then));
    errno = error;
}

/* ---- where standard input matters -------------------------------- */

/* Does somebody follow: a person at a terminal, or a demo by its cues?
 * isatty(3). A standard input that is closed shall be an empty one: a
 * socket would take its number, and be read as if it were the keyboard.
 * freopen(3); open(2): the number is the lowest that is free. */
static inline bool attended(void)
{
    const char *cue = getenv("LESSON_CUE");

    if (fcntl(STDIN_FILENO, F_GETFD) == -1
        && freopen("/dev/null", "r", stdin) == NULL)
        return false;
    return isatty(STDIN_FILENO) || (cue != NULL && cue[0] != '\0');
}

/* As if -q had been given. */
static inline void be_quiet(void)
{
    narrator.quiet = true;
}

/* Ends the line of a prompt where the terminal has not done so: a demo
 * shows what was typed, and the end of input has no newline. */
static inline void typed(const void *bytes, size_t size)
{
    const char *byte = bytes;
    char text[NARRATE_TEXT] = "";
    bool terminal = isatty(STDIN_FILENO);
    bool line = size > 0 && byte[size - 1] == '\n';

    if (line) {
        if (terminal)
            return;
        size--;
    }
    if (!terminal && size > 0)
        narrate_escape(text, sizeof text, bytes, size);
    printf("%s\n", terminal || size > 0 ? text
                   : line               ? "(an empty line)"
                                        : "(the end of the input)");
}

/* ---- the command line -------------------------------------------- */

/* Ends the program for a wrong argument, with exit status 2. */
static inline _Noreturn void narrate_wrong(const char *text)
{
    fprintf(stderr, "%s: %s\n", narrator.name, text);
    exit(2);
}
#define narrate_refuse(...) narrate_wrong(narrate_text(__VA_ARGS__))

/* A word of the user's, safe to print. */
static inline const char *narrate_word(const char *word)
{
    return quoted(word, strlen(word));
}

static inline void narrate_usage(FILE *out)
{
    fprintf(out, "usage: ./%s [-h] [-s] [-q] [ADDRESS] [PORT]\n",
            narrator.name);
}

/* Takes a port, 0 to 65535, in decimal and without leading zeros. */
static inline void narrate_port(const char *who, const char *word,
                                uint16_t *port)
{
    size_t digits = strspn(word, "0123456789");
    unsigned long value = strtoul(word, NULL, 10);

    if (digits == 0 || word[digits] != '\0' || value > 65535
        || (word[0] == '0' && digits > 1))
        narrate_refuse("%s%s is no port: 0 to 65535 expected, for"
                       " example ./%s 9000",
                       who, narrate_word(word), narrator.name);
    *port = (uint16_t)value;
}

/* Is a lone word meant as a port? A host name may begin with a digit
 * (RFC 1123, section 2.1), an address has a dot or a colon. */
static inline bool narrate_is_port(const char *word)
{
    if (ADDRESSES == HOST_NAME)
        return word[strspn(word, "0123456789-+ ")] == '\0';
    return strpbrk(word, ".:") == NULL
           && strchr("0123456789-+ ", word[0]) != NULL;
}

/* The kinds of narrate_addresses in words, and what is expected. */
static const char *const narrate_kind[] = {
    "an IPv4 address",
    "an IPv4 or IPv6 address",
    "a host name or an address",
};
static const char *const narrate_expected[] = {
    ("four numbers expected, for example 127.0.0.1; host names and IPv6"
     " come in lesson 12"),
    "one like 127.0.0.1 or ::1 expected; host names come in lesson 12",
    "one like localhost, 127.0.0.1 or ::1 expected",
};

/* Takes an address of the kind that this lesson takes. Of a host name
 * only the letters are looked at; the resolver judges the rest. */
static inline void narrate_address(const char *word, bool alone,
                                   const char **address)
{
    struct in6_addr unused;
    size_t good = strspn(word, "0123456789abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._:%");
    bool fits = inet_pton(AF_INET, word, &unused) == 1;
    const char *no_port = "";

    if (ADDRESSES == IPV4_OR_IPV6)
        fits = fits || inet_pton(AF_INET6, word, &unused) == 1;
    else if (ADDRESSES == HOST_NAME)
        fits = good > 0 && good < 254 && word[good] == '\0';
    if (alone && strpbrk(word, ".:") == NULL)
        no_port = "no port, 0 to 65535 expected, and ";
    if (!fits)
        narrate_refuse("%s is %snot %s: %s", narrate_word(word),
                       no_port, narrate_kind[ADDRESSES],
                       narrate_expected[ADDRESSES]);
    *address = word;
}

static inline _Noreturn void narrate_help(const char *address,
                                          uint16_t port)
{
    printf("%s: %s\n\n", narrator.name, TITLE);
    narrate_usage(stdout);
    printf("  -h       this help\n"
           "  -s       step: wait for Enter before each call\n"
           "  -q       quiet: only results and errors\n"
           "  ADDRESS  %s, now %s\n"
           "  PORT     0 to 65535, now %u; LESSON_PORT sets another\n"
           "           one for all lessons\n"
           "exit status: 0 done, 1 a call failed, 2 wrong arguments\n",
           narrate_kind[ADDRESSES], address, (unsigned)port);
    narrate_check();
    exit(0);
}

/* Opens what keys or cues come from. The descriptor is moved where it
 * takes no number that the lesson would have got. fcntl(2). */
static inline int narrate_open(const char *path, int flags)
{
    int low = open(path, flags | O_CLOEXEC), high;

    if (low == -1)
        return -1;
    high = fcntl(low, F_DUPFD_CLOEXEC, NARRATE_HIGH_FD);
    if (high == -1)
        narrate_refuse("LESSON_CUE and -s need %d descriptors, and"
                       " fewer are allowed: see ulimit -n",
                       NARRATE_HIGH_FD + 1);
    close(low);
    return high;
}

/* Reads the options, and puts at most two other words into `words`.
 * Returns how many. getopt(3). */
static inline int narrate_options(int argc, char *argv[], char *words[])
{
    int n = 0;

    opterr = 0;
    while (optind < argc) {
        const char *word = argv[optind];
        int option = getopt(argc, argv, "+hsq");

        narrator.help |= option == 'h';
        narrator.stepping |= option == 's';
        narrator.quiet |= option == 'q';
        if (option == '?') {
            if (word[1] >= '0' && word[1] <= '9')
                narrate_port("", word, &narrator.port);
            narrate_usage(stderr);
            narrate_refuse("%s is no option of a lesson",
                           narrate_word(word));
        }
        if (option != -1 || optind == argc)
            continue;
        if (n == 2) {
            narrate_usage(stderr);
            narrate_refuse("%s is one word too many: an address and"
                           " a port expected",
                           narrate_word(argv[optind]));
        }
        words[n++] = argv[optind++];
    }
    return n;
}

/* Opens what keys or cues come from. */
static inline void narrate_open_keys(void)
{
    const char *cue = getenv("LESSON_CUE");

    if (cue != NULL && cue[0] != '\0') {
        narrator.cue = narrate_open(cue, O_RDONLY);
        if (narrator.cue == -1)
            narrate_refuse("LESSON_CUE is %s, which cannot be read"
                           " (%s): a FIFO expected, made with mkfifo",
                           narrate_word(cue), error_name(errno));
    } else if (narrator.stepping) {
        narrator.terminal = narrate_open("/dev/tty", O_RDWR);
        if (narrator.terminal == -1)
            narrate_refuse("-s reads Enter from a terminal and there"
                           " is none (%s): run it in one, or without"
                           " -s",
                           error_name(errno));
    }
}

/* Reads the command line: [-h] [-s] [-q] [ADDRESS] [PORT], and
 * LESSON_PORT from the environment. A wrong word ends the program with
 * exit status 2. Then prints the title. */
static inline void narrate_begin(const char *file, int argc,
                                 char *argv[], const char **address,
                                 uint16_t *port)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash != NULL ? slash + 1 : file;
    const char *preset = getenv("LESSON_PORT");
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    char *words[2] = {NULL, NULL};
    int n;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* a line leaves at once */
    setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
    snprintf(narrator.name, sizeof narrator.name, "%.*s",
             (int)strcspn(base, "."), base);
    if (fcntl(STDOUT_FILENO, F_GETFD) == -1
        || fcntl(STDERR_FILENO, F_GETFD) == -1)
        narrate_refuse("standard output or error is closed: a socket"
                       " would take its place; send it to /dev/null");
#ifdef NARRATE_IGNORE_SIGPIPE
    signal(SIGPIPE, SIG_IGN);
#endif
    if (preset != NULL && preset[0] != '\0')
        narrate_port("LESSON_PORT=", preset, port);
    n = narrate_options(argc, argv, words);
    if (narrator.help)
        narrate_help(*address, *port);
    if (n == 1 && narrate_is_port(words[0]))
        narrate_port("", words[0], port);
    else if (n > 0)
        narrate_address(words[0], n == 1, address);
    if (n == 2)
        narrate_port("", words[1], port);
    narrator.address = *address;
    narrator.port = *port;
    narrator.colour = isatty(STDOUT_FILENO)
                      && (no_colour == NULL || no_colour[0] == '\0')
                      && (term == NULL || strcmp(term, "dumb") != 0);
    narrate_open_keys();
    narrator.mute =
        narrator.quiet && narrator.cue == -1 && narrator.terminal == -1;
    narrate_lines(NARRATE_BOLD, 0, 0,
                  narrate_text("%s: %s", narrator.name, TITLE));
    narrate_lines(NARRATE_PLAIN, 0, 0, "");
}

/* The names that lessons use. `begin`, `fail` and `carry_on` stay when
 * the narration is compiled out. */
#define begin(...) narrate_begin(__FILE__, __VA_ARGS__)
#define carry_on(call, ...) \
    narrate_carry_on(call, narrate_text(__VA_ARGS__))
#ifdef NO_NARRATION
#define step(...) ((void)0)
#define waits(...) ((void)0)
#define result(value, ...) ((void)0)
#define note(...) ((void)0)
#define received(...) ((void)0)
#define show(...) ((void)0)
#define hold(...) ((void)0)
#else
#define NARRATE(statement) (narrator.mute ? (void)0 : (statement))
#define step(...) \
    NARRATE(narrate_step(__LINE__, narrate_text(__VA_ARGS__)))
#define waits(...) \
    NARRATE(narrate_waits(__LINE__, narrate_text(__VA_ARGS__)))
#define result(value, ...) \
    NARRATE(narrate_result((long)(value), narrate_text(__VA_ARGS__)))
#define note(...) \
    NARRATE( \
        narrate_lines(NARRATE_PLAIN, 4, 4, narrate_text(__VA_ARGS__)))
#define received(bytes, size) narrate_received(bytes, size)
#define show(sock) NARRATE(narrate_show(sock))
#define hold(...) narrate_hold(__LINE__, narrate_text(__VA_ARGS__))
#endif

#endif
