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
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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
#define MSG_NOSIGNAL 0
#define NARRATE_IGNORE_SIGPIPE
#endif

#if defined __GNUC__ || defined __clang__
#define NARRATE_LIKE_PRINTF(n) \
    __attribute__((format(printf, n, (n) + 1)))
#else
#define NARRATE_LIKE_PRINTF(n)
#endif

enum {
    NARRATE_WIDTH = 70, /* columns; a demo puts a name before them */
    NARRATE_TEXT = 640, /* bytes, the longest text of one statement */
    NARRATE_BYTES = 24, /* bytes of a message that are quoted */
    NARRATE_SEEN = 16, /* descriptors that `hold` shows again */
    NARRATE_HIGH_FD = 50, /* our own descriptors stand out of the way */
};

enum narrate_style { NARRATE_PLAIN, NARRATE_CALL, NARRATE_KERNEL };

static struct {
    char name[64]; /* the lesson's: its file's name without .c */
    const char *address; /* the one in use, as text */
    uint16_t port; /* host byte order */
    bool quiet, colour;
    int terminal; /* -s: where Enter is read from, or -1 */
    int cue; /* LESSON_CUE: where cues come from, or -1 */
    int number; /* of the step */
    char call[NARRATE_TEXT];
    struct timespec start; /* of the call */
    struct narrate_seen {
        bool open, connected;
        struct sockaddr_storage here, peer;
    } seen[NARRATE_SEEN];
} narrator = {.address = "", .terminal = -1, .cue = -1};

/* ---- text to print -------------------------------------------------
 * Each returns one of eight buffers in turn, so that several may stand
 * in one statement; a text lasts until eight more have been made. */

static inline char *narrate_buffer(void)
{
    static char buffers[8][256];
    static unsigned turn;
    return buffers[turn++ % 8];
}

/* Writes a text into a buffer, cut where it does not fit. Returns its
 * length. vsnprintf(3). */
NARRATE_LIKE_PRINTF(3)
static inline size_t narrate_put(char *to, size_t room,
                                 const char *format, ...)
{
    va_list list;
    int length;

    va_start(list, format);
    length = vsnprintf(to, room, format, list);
    va_end(list);
    return length < 0              ? 0
           : (size_t)length < room ? (size_t)length
                                   : room - 1;
}

static inline const char *narrate_text_v4(const void *address)
{
    char *text = narrate_buffer(), host[INET_ADDRSTRLEN] = "?";
    struct sockaddr_in v4;

    memcpy(&v4, address, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
    narrate_put(text, 256, "%s:%u", host, (unsigned)ntohs(v4.sin_port));
    return text;
}

static inline const char *narrate_text_v6(const void *address)
{
    char *text = narrate_buffer(), host[INET6_ADDRSTRLEN] = "?";
    struct sockaddr_in6 v6;

    memcpy(&v6, address, sizeof v6);
    inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
    narrate_put(text, 256, "[%s]:%u", host,
                (unsigned)ntohs(v6.sin6_port));
    return text;
}

static inline const char *narrate_text_any(const void *address)
{
    struct sockaddr general;

    memcpy(&general, address, sizeof general);
    return general.sa_family == AF_INET6 ? narrate_text_v6(address)
                                         : narrate_text_v4(address);
}

/* The address in a struct sockaddr, of whichever kind the pointer says,
 * as 127.0.0.1:8888 or [::1]:8888. inet_ntop(3). */
#define text_of(address) \
    _Generic((address), \
        struct sockaddr_in *: narrate_text_v4, \
        const struct sockaddr_in *: narrate_text_v4, \
        struct sockaddr_in6 *: narrate_text_v6, \
        const struct sockaddr_in6 *: narrate_text_v6, \
        default: narrate_text_any)(address)

/* The bytes as they lie in memory, in hexadecimal: "22 B8". */
static inline const char *hex(const void *bytes, size_t size)
{
    char *text = narrate_buffer();
    const unsigned char *byte = bytes;

    text[0] = '\0';
    for (size_t i = 0; i < size && i < 80; i++)
        narrate_put(text + 3 * i - (i > 0), 4, i ? " %02X" : "%02X",
                    (unsigned)byte[i]);
    return text;
}

/* "1 byte", "23 bytes". */
static inline const char *count(long number, const char *thing)
{
    char *text = narrate_buffer();

    narrate_put(text, 256, "%ld %s%s", number, thing,
                number == 1 ? "" : "s");
    return text;
}

/* The lesson at the other end of the conversation: a server's client,
 * a client's server. */
static inline const char *other_side(void)
{
    static const char *const ends[][2] = {
        {"_server", "_client"},
        {"_client", "_server"},
        {"_receiver", "_sender"},
        {"_sender", "_receiver"},
        {"05_connect", "04_accept"},
        {"11_many_clients", "10_echo_client"},
        {"12_names", "10_echo_server"},
    };
    char *text = narrate_buffer();
    size_t length = strlen(narrator.name);

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t tail = strlen(ends[i][0]);

        if (length >= tail
            && strcmp(narrator.name + length - tail, ends[i][0]) == 0) {
            narrate_put(text, 256, "%.*s%s", (int)(length - tail),
                        narrator.name, ends[i][1]);
            return text;
        }
    }
    return "05_connect";
}

/* Why a new descriptor has just this number: open files have the lowest
 * that is free. POSIX.1-2008, XSH 2.14. */
static inline const char *which_number(int descriptor)
{
    char *text = narrate_buffer();

    if (descriptor == 0)
        narrate_put(text, 256,
                    "0 was free, standard input being closed");
    else if (descriptor <= 2)
        narrate_put(text, 256, "%d is the lowest free number",
                    descriptor);
    else if (descriptor == 3)
        narrate_put(text, 256,
                    "0, 1 and 2 are in use; "
                    "3 is the lowest free number");
    else
        narrate_put(text, 256,
                    "0 to %d are in use; "
                    "%d is the lowest free number",
                    descriptor - 1, descriptor);
    return text;
}

/* How many bytes of UTF-8 at `s` make one letter that is safe to print:
 * U+00A0 and up, but no control of direction, no letter without width.
 * 0 if it is none. RFC 3629; Unicode's Bidi_Control and Cf. */
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
        {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},    {0x1BCA0, 0x1BCA3},
        {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF},
    };
    size_t size = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    uint32_t code = s[0] & (0xFFu >> (size + 1));

    if (s[0] < 0xC2 || s[0] > 0xF4 || size > left)
        return 0;
    for (size_t i = 1; i < size; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3F);
    }
    if (code < 0xA0 || (size == 3 && code < 0x800)
        || (size == 4 && code < 0x10000))
        return 0;
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (code >= hidden[i].from && code <= hidden[i].to)
            return 0;
    return size;
}

/* Writes the bytes so that no terminal is disturbed by them: printable
 * ASCII and safe letters as they are, the rest as \n, \t or \xNN. At
 * most `room` bytes with the final zero; returns how many input bytes
 * were written out. */
static inline size_t narrate_escape(char *out, size_t room,
                                    const void *bytes, size_t size)
{
    const unsigned char *s = bytes;
    size_t used = 0, i = 0;

    while (i < size && used + 5 <= room) {
        size_t letter = narrate_letter(s + i, size - i);

        if (letter > 0) {
            memcpy(out + used, s + i, letter);
            used += letter;
            i += letter;
            continue;
        }
        if (s[i] == '\n' || s[i] == '\t')
            used += (size_t)sprintf(out + used, "\\%c",
                                    s[i] == '\n' ? 'n' : 't');
        else if (s[i] == '"' || s[i] == '\\')
            used += (size_t)sprintf(out + used, "\\%c", s[i]);
        else if (s[i] >= 0x20 && s[i] < 0x7F)
            out[used++] = (char)s[i];
        else
            used +=
                (size_t)sprintf(out + used, "\\x%02X", (unsigned)s[i]);
        i++;
    }
    out[used] = '\0';
    return i;
}

/* The bytes as a C string, "Hello\n", the first of them when they are
 * many; "..." then follows. */
static inline const char *quoted(const void *bytes, size_t size)
{
    char *text = narrate_buffer();
    size_t part = size <= NARRATE_BYTES + 8 ? size : NARRATE_BYTES;
    size_t done;

    text[0] = '"';
    done = narrate_escape(text + 1, 200, bytes, part);
    strcat(text, done < size ? "\"..." : "\"");
    return text;
}

/* ---- lines ------------------------------------------------------- */

/* Columns of a text, one for each letter of UTF-8. */
static inline int narrate_columns(const char *text, size_t size)
{
    int columns = 0;

    for (size_t i = 0; i < size; i++)
        columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    return columns;
}

/* Sends on what has been printed. That the output is full is told. */
static inline void narrate_flush(void)
{
    if (fflush(stdout) == EOF) {
        fprintf(stderr, "%s: standard output: %s\n", narrator.name,
                strerror(errno));
        exit(1);
    }
}

/* Writes one line, in one write. */
static inline void narrate_line(enum narrate_style style,
                                const char *text, int size)
{
    static const char *const codes[] = {"", "\033[1m", "\033[36m"};

    if (narrator.colour && style != NARRATE_PLAIN)
        printf("%s%.*s\033[0m\n", codes[style], size, text);
    else
        printf("%.*s\n", size, text);
    narrate_flush();
}

/* Writes a text as lines of at most NARRATE_WIDTH columns, broken at
 * spaces; `first` is how the first line begins, `indent` the columns of
 * space before the others. */
static inline void narrate_lines(enum narrate_style style,
                                 const char *first, int indent,
                                 const char *text)
{
    char line[2 * NARRATE_TEXT];
    size_t used = narrate_put(line, sizeof line, "%s", first);
    bool empty = true;

    if (narrator.quiet)
        return;
    while (*text != '\0') {
        size_t space = strspn(text, " ");
        size_t word = strcspn(text + space, " ");

        if (!empty
            && narrate_columns(line, used)
                       + narrate_columns(text, space + word)
                   > NARRATE_WIDTH) {
            narrate_line(style, line, (int)used);
            used = narrate_put(line, sizeof line, "%*s", indent, "");
            text += space;
            space = 0;
        }
        memcpy(line + used, text, space + word);
        used += space + word;
        text += space + word;
        empty = false;
    }
    narrate_line(style, line, (int)used);
}

/* The line of the current step, and what follows the call in it. */
static inline void narrate_call(const char *rest)
{
    char number[16], text[NARRATE_TEXT + 128];

    narrate_put(number, sizeof number, "%2d  ", narrator.number);
    narrate_put(text, sizeof text, "%s %s", narrator.call, rest);
    narrate_lines(NARRATE_CALL, number, 8, text);
}

#define NARRATE_FORMAT(text, format) \
    do { \
        va_list list; \
        va_start(list, format); \
        vsnprintf(text, sizeof(text), format, list); \
        va_end(list); \
    } while (0)

/* Reads one key, or one cue; a line's first letter stands for it.
 * Returns 'q' at the end of input. */
static inline char narrate_key(int from, bool whole_line)
{
    char key = 'q', next = '\n';
    ssize_t n;

    do
        n = read(from, &key, 1);
    while (n == -1 && errno == EINTR);
    if (n != 1)
        return 'q';
    for (next = key; whole_line && next != '\n';)
        if (read(from, &next, 1) != 1)
            break;
    return key;
}

/* Prints the cue line and waits for the cue; q, or no more cues, ends
 * the program. */
static inline char narrate_cue(int line, const char *what)
{
    printf("cue %d %s\n", line, what);
    fflush(stdout);
    return narrate_key(narrator.cue, false);
}

/* ---- what a lesson calls */

/* Names the call that comes next, with the values it is given. With -s
 * it waits for Enter first, with LESSON_CUE for a cue. */
NARRATE_LIKE_PRINTF(2)
static inline void narrate_step(int line, const char *format, ...)
{
    NARRATE_FORMAT(narrator.call, format);
    narrator.number++;
    if (narrator.cue != -1) {
        if (narrate_cue(line, narrator.call) == 'q')
            exit(0);
    } else if (narrator.terminal != -1) {
        dprintf(narrator.terminal, "    next: %s  [Enter] ",
                narrator.call);
        if (narrate_key(narrator.terminal, true) == 'q')
            exit(0);
    }
    clock_gettime(CLOCK_MONOTONIC, &narrator.start);
}

/* Says, before a call that may wait, what it waits for. Who gives cues
 * is told so by a line `cue LINE waits`, and gives none for it. */
NARRATE_LIKE_PRINTF(2)
static inline void narrate_waits(int line, const char *format, ...)
{
    char what[NARRATE_TEXT], rest[NARRATE_TEXT + 32];

    NARRATE_FORMAT(what, format);
    narrate_put(rest, sizeof rest, "\xE2\x80\xA6 waits for %s", what);
    narrate_call(rest);
    if (narrator.cue != -1) {
        printf("cue %d waits\n", line);
        fflush(stdout);
    }
    clock_gettime(CLOCK_MONOTONIC, &narrator.start);
}

/* How long the current call has taken, in microseconds. */
static inline long took(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)(now.tv_sec - narrator.start.tv_sec) * 1000000
           + (now.tv_nsec - narrator.start.tv_nsec) / 1000;
}

/* Prints the step's line with what the call returned, and what it
 * means. A value of -1 is printed with the name of errno. */
NARRATE_LIKE_PRINTF(2)
static inline void narrate_result(long value, const char *format, ...)
{
    int error = errno;
    char rest[64], meaning[NARRATE_TEXT];

    NARRATE_FORMAT(meaning, format);
    if (value == -1)
        narrate_put(rest, sizeof rest, "= -1 %s", error_name(error));
    else
        narrate_put(rest, sizeof rest, "= %ld", value);
    narrate_call(rest);
    narrate_lines(NARRATE_PLAIN, "    ", 4, meaning);
    errno = error;
}

/* A remark that belongs to no call. */
NARRATE_LIKE_PRINTF(1)
static inline void narrate_note(const char *format, ...)
{
    char text[NARRATE_TEXT];

    NARRATE_FORMAT(text, format);
    narrate_lines(NARRATE_PLAIN, "    ", 4, text);
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
        done += narrate_escape(text, sizeof text, byte + done,
                               size - done);
        if (!narrator.quiet)
            printf("    received: \"%s\"\n", text);
        else if (done < size)
            fputs(text, stdout);
        else
            narrate_line(NARRATE_PLAIN, text, (int)strlen(text));
    } while (done < size);
    narrate_flush();
}

#ifdef __linux__
/* The names of RFC 9293, section 3.3.2, by Linux's numbers (the enum in
 * netinet/tcp.h; 12 is the kernel's own for a handshake under way). */
static inline const char *narrate_state_name(unsigned state)
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

    return state < sizeof names / sizeof names[0] ? names[state] : "?";
}

/* An address and port as /proc/net/tcp writes them. proc(5). */
static inline size_t narrate_proc_key(
    char *key, size_t room, const struct sockaddr_storage *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    uint32_t word[4];

    memcpy(&v4, address, sizeof v4);
    memcpy(&v6, address, sizeof v6);
    if (address->ss_family == AF_INET)
        return narrate_put(key, room, "%08X:%04X ",
                           (unsigned)v4.sin_addr.s_addr,
                           (unsigned)ntohs(v4.sin_port));
    memcpy(word, &v6.sin6_addr, sizeof word);
    return narrate_put(key, room, "%08X%08X%08X%08X:%04X ", word[0],
                       word[1], word[2], word[3],
                       (unsigned)ntohs(v6.sin6_port));
}

/* The state that /proc/net/tcp shows for a connection whose socket is
 * closed or says CLOSED (tcp(7): TCP_INFO has no view of TIME-WAIT).
 * NULL if the kernel holds it no longer. */
static inline const char *narrate_lasting(
    const struct narrate_seen *seen)
{
    char key[128], line[256], *found = NULL;
    unsigned state = 0;
    size_t used = narrate_proc_key(key, sizeof key, &seen->here);
    FILE *file = fopen(seen->here.ss_family == AF_INET ? "/proc/net/tcp"
                                                       : "/proc/net/"
                                                         "tcp6",
                       "r");

    if (file == NULL)
        return NULL;
    narrate_proc_key(key + used, sizeof key - used, &seen->peer);
    while (found == NULL && fgets(line, sizeof line, file) != NULL)
        found = strstr(line, key);
    fclose(file);
    if (found != NULL && sscanf(found + strlen(key), "%x", &state) == 1)
        return narrate_state_name(state);
    return NULL;
}

/* State and queues of a socket, as the kernel tells them. tcp(7):
 * TCP_INFO; for a listening socket it holds the queue's length and the
 * backlog in tcpi_unacked and tcpi_sacked. */
static inline void narrate_inside(int sock,
                                  const struct narrate_seen *seen,
                                  const char **state, char *queue,
                                  size_t room)
{
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    int unread = 0;

    queue[0] = '\0';
    if (getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info, &length) == -1)
        return;
    *state = narrate_state_name(info.tcpi_state);
    if (info.tcpi_state == TCP_LISTEN)
        narrate_put(queue, room, "  %u waiting, backlog %u%s",
                    (unsigned)info.tcpi_unacked,
                    (unsigned)info.tcpi_sacked,
                    info.tcpi_unacked > info.tcpi_sacked ? " (Linux "
                                                           "admits one "
                                                           "more)"
                                                         : "");
    else if (ioctl(sock, FIONREAD, &unread) == 0 && unread > 0)
        narrate_put(queue, room, "  %s unread", count(unread, "byte"));
    if (info.tcpi_state != TCP_CLOSE)
        return;
    if (!seen->connected) {
        *state = "CLOSED (no connection yet)";
    } else {
        const char *lasting = narrate_lasting(seen);
        *state = lasting ? lasting : "CLOSED (the connection is over)";
    }
}
#else
/* Elsewhere the state cannot be seen: no word of it is printed. */
static inline const char *narrate_lasting(
    const struct narrate_seen *seen)
{
    (void)seen;
    return NULL;
}
static inline void narrate_inside(int sock,
                                  const struct narrate_seen *seen,
                                  const char **state, char *queue,
                                  size_t room)
{
    (void)sock, (void)seen, (void)state, (void)room;
    queue[0] = '\0';
}
#endif

/* The local end of a socket in words. */
static inline const char *narrate_here(
    const struct sockaddr_storage *here)
{
    char *text = narrate_buffer();
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    bool any, six = here->ss_family == AF_INET6;
    unsigned port;

    memcpy(&v4, here, sizeof v4);
    memcpy(&v6, here, sizeof v6);
    any = six ? IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr)
              : v4.sin_addr.s_addr == htonl(INADDR_ANY);
    port = ntohs(six ? v6.sin6_port : v4.sin_port);
    if (!any)
        return text_of(here);
    if (port == 0)
        return "no address yet";
    narrate_put(text, 256, "every %s address of this host, port %u",
                six ? "IPv6" : "IPv4", port);
    return text;
}

/* Prints one line of what the kernel holds now: descriptor, state (TCP
 * only, and on Linux only), addresses, queue. getsockname(2),
 * getpeername(2), tcp(7). It remembers both addresses, so that it can
 * still tell of a connection whose socket has been closed. */
static inline void narrate_show(int sock)
{
    static struct narrate_seen none;
    struct narrate_seen *seen = &none;
    struct sockaddr_storage here = {0}, peer = {0};
    socklen_t length = sizeof here;
    char first[32], text[NARRATE_TEXT], queue[64] = "";
    const char *state = "";
    int type = 0, saved = errno;

    if (sock >= 0 && sock < NARRATE_SEEN)
        seen = &narrator.seen[sock];
    narrate_put(first, sizeof first, "    kernel: fd %d ", sock);
    if (getsockname(sock, (struct sockaddr *)&here, &length) == -1) {
        const char *lasting =
            seen->connected ? narrate_lasting(seen) : NULL;
        narrate_put(text, sizeof text,
                    lasting ? "closed  %s  %s <-> %s"
                            : "closed  nothing is left of it",
                    lasting, text_of(&seen->here),
                    text_of(&seen->peer));
        seen->open = false;
    } else {
        length = sizeof type;
        getsockopt(sock, SOL_SOCKET, SO_TYPE, &type, &length);
        length = sizeof peer;
        if (!seen->open)
            memset(seen, 0, sizeof *seen);
        seen->open = true;
        if (getpeername(sock, (struct sockaddr *)&peer, &length) == 0) {
            seen->connected = true;
            seen->here = here;
            seen->peer = peer;
        }
        if (type == SOCK_STREAM)
            narrate_inside(sock, seen, &state, queue, sizeof queue);
        else
            state = "UDP";
        narrate_put(text, sizeof text, "%s%s%s%s%s%s%s",
                    state[0] ? " " : "", state, state[0] ? "  " : "",
                    narrate_here(&here), seen->connected ? " <-> " : "",
                    seen->connected ? text_of(&seen->peer) : "", queue);
    }
    narrate_lines(NARRATE_KERNEL, first, 12, text);
    errno = saved;
}

/* Waits for a person where standard input is a terminal, and lets the
 * director of a demo look where LESSON_CUE is set: Enter shows the
 * kernel lines again, q or the end of input goes on. */
NARRATE_LIKE_PRINTF(2)
static inline void narrate_hold(int line, const char *format, ...)
{
    char text[NARRATE_TEXT];
    bool cued = narrator.cue != -1;

    NARRATE_FORMAT(text, format);
    if (!cued && !isatty(STDIN_FILENO))
        return;
    narrate_lines(NARRATE_PLAIN, "    ", 4, text);
    for (;;) {
        char key;

        if (!cued && !narrator.quiet) {
            fputs("    Enter: look again, q: end ", stdout);
            fflush(stdout);
        }
        key = cued ? narrate_cue(line, "hold")
                   : narrate_key(STDIN_FILENO, true);
        if (key == 'q' || key == 'Q')
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
    char rest[64];

    if (strncmp(narrator.call, call, strlen(call)) == 0) {
        narrate_put(rest, sizeof rest, "= -1 %s", error_name(error));
        narrate_call(rest);
    }
    place.lesson = narrator.name;
    place.other = other_side();
    place.address = narrator.address;
    place.port = narrator.port;
    error_explain(stderr, call, error, &place);
    exit(1);
}

/* Tells of a failed call that the program survives: the step's line
 * with the name of errno, and what it does now. With -q, one line on
 * standard error. */
NARRATE_LIKE_PRINTF(2)
static inline void carry_on(const char *call, const char *format, ...)
{
    int error = errno;
    char text[NARRATE_TEXT];

    NARRATE_FORMAT(text, format);
    if (narrator.quiet)
        fprintf(stderr, "%s: %s: %s (%s). %s\n", narrator.name, call,
                error_name(error), strerror(error), text);
    else
        narrate_result(-1, "%s", text);
    errno = error;
}

/* ---- where standard input matters */

/* Does somebody follow: a person at a terminal, or a demo by its cues?
 * isatty(3). */
static inline bool attended(void)
{
    const char *cue = getenv("LESSON_CUE");

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

    if (isatty(STDIN_FILENO) && size > 0 && byte[size - 1] == '\n')
        return;
    if (size > 0 && byte[size - 1] == '\n')
        size--;
    if (!isatty(STDIN_FILENO))
        narrate_escape(text, sizeof text, bytes, size);
    narrate_line(NARRATE_PLAIN, text, (int)strlen(text));
}

/* ---- the command line */

/* Ends the program for a wrong argument, with exit status 2. */
NARRATE_LIKE_PRINTF(1)
static inline _Noreturn void narrate_refuse(const char *format, ...)
{
    char text[NARRATE_TEXT];

    NARRATE_FORMAT(text, format);
    fprintf(stderr, "%s: %s\n", narrator.name, text);
    exit(2);
}

/* A word of the user's, safe to print. */
static inline const char *narrate_word(const char *word)
{
    return quoted(word, strlen(word));
}

/* Reads a port, 0 to 65535, in decimal and without leading zeros. */
static inline bool narrate_port(const char *word, uint16_t *port)
{
    unsigned long value = 0;
    size_t digits = strspn(word, "0123456789");

    if (digits == 0 || digits > 5 || word[digits] != '\0'
        || (word[0] == '0' && digits > 1))
        return false;
    value = strtoul(word, NULL, 10);
    *port = (uint16_t)value;
    return value <= 65535;
}

static inline void narrate_take_port(const char *who, const char *word,
                                     uint16_t *port)
{
    if (!narrate_port(word, port))
        narrate_refuse("%s%s is no port: 0 to 65535 expected, "
                       "for example ./%s 9000",
                       who, narrate_word(word), narrator.name);
}

/* The kinds of narrate_addresses in words: what it is, what is
 * expected. */
static const char *const narrate_kinds[][2] = {
    {"an IPv4 address",
     "four numbers expected, for example 127.0.0.1; host names and "
     "IPv6 come in lesson 12"},
    {"an IPv4 or IPv6 address",
     "one like 127.0.0.1 or ::1 expected; host names come in lesson "
     "12"},
    {"a host name or an address",
     "one like localhost, 127.0.0.1 or ::1 expected"},
};

/* Is the word an address of the kind that this lesson takes? Of a host
 * name only the letters are looked at; the resolver judges the rest. */
static inline bool narrate_address(const char *word)
{
    struct in6_addr unused;
    size_t good = strspn(word, "0123456789abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._:%");

    if (ADDRESSES == HOST_NAME)
        return good > 0 && good < 254 && word[good] == '\0';
    return inet_pton(AF_INET, word, &unused) == 1
           || (ADDRESSES == IPV4_OR_IPV6
               && inet_pton(AF_INET6, word, &unused) == 1);
}

static inline void narrate_take_address(const char *word,
                                        const char **address)
{
    if (!narrate_address(word))
        narrate_refuse("%s is not %s: %s", narrate_word(word),
                       narrate_kinds[ADDRESSES][0],
                       narrate_kinds[ADDRESSES][1]);
    *address = word;
}

static inline void narrate_usage(FILE *out)
{
    fprintf(out, "usage: ./%s [-h] [-s] [-q] [ADDRESS] [PORT]\n",
            narrator.name);
}

static inline _Noreturn void narrate_help(const char *address,
                                          uint16_t port)
{
    printf("%s: %s\n\n", narrator.name, TITLE);
    narrate_usage(stdout);
    printf("  -h       this help\n"
           "  -s       step: wait for Enter before each call\n"
           "  -q       quiet: only what was received, and errors\n"
           "  ADDRESS  %s, now %s\n"
           "  PORT     0 to 65535, now %u; LESSON_PORT sets another "
           "one\n"
           "           for all lessons\n"
           "exit status: 0 done, 1 a call failed, 2 wrong arguments\n",
           narrate_kinds[ADDRESSES][0], address, (unsigned)port);
    exit(0);
}

/* The one or two words that are no options: ADDRESS, PORT or both. */
static inline void narrate_operands(char *words[], int n,
                                    const char **address,
                                    uint16_t *port)
{
    if (n == 2) {
        narrate_take_address(words[0], address);
        narrate_take_port("", words[1], port);
    } else if (n == 1 && strpbrk(words[0], ".:") != NULL) {
        narrate_take_address(words[0], address);
    } else if (n == 1 && words[0][0] != '\0'
               && strspn(words[0], "0123456789-+ ") == 0) {
        if (!narrate_address(words[0]))
            narrate_refuse("%s is no port, 0 to 65535 expected, and not"
                           " %s: %s",
                           narrate_word(words[0]),
                           narrate_kinds[ADDRESSES][0],
                           narrate_kinds[ADDRESSES][1]);
        *address = words[0];
    } else if (n == 1) {
        narrate_take_port("", words[0], port);
    }
}

/* A descriptor of our own, moved where it takes no number that the
 * lesson would have got. fcntl(2): F_DUPFD_CLOEXEC. */
static inline int narrate_own(const char *path, int flags)
{
    int low = open(path, flags | O_CLOEXEC);
    int high;

    if (low == -1)
        return -1;
    high = fcntl(low, F_DUPFD_CLOEXEC, NARRATE_HIGH_FD);
    close(low);
    return high;
}

/* Where keys and cues come from. */
static inline void narrate_listen_to(bool stepping)
{
    const char *cue = getenv("LESSON_CUE");

    if (cue != NULL && cue[0] != '\0') {
        narrator.cue = narrate_own(cue, O_RDONLY);
        if (narrator.cue == -1)
            narrate_refuse("LESSON_CUE is %s, which cannot be read "
                           "(%s): "
                           "a FIFO expected, made with mkfifo",
                           narrate_word(cue), error_name(errno));
    } else if (stepping) {
        narrator.terminal = narrate_own("/dev/tty", O_RDWR);
        if (narrator.terminal == -1)
            narrate_refuse("-s reads Enter from a terminal and there "
                           "is "
                           "none (%s): run it in one, or without -s",
                           error_name(errno));
    }
}

/* Reads the command line: [-h] [-s] [-q] [ADDRESS] [PORT], and
 * LESSON_PORT from the environment. A wrong word ends the program with
 * exit status 2. Then prints the title. getopt(3). */
static inline void narrate_begin(const char *file, int argc,
                                 char *argv[], const char **address,
                                 uint16_t *port)
{
    const char *base =
        strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
    const char *preset = getenv("LESSON_PORT");
    char *words[2] = {NULL, NULL};
    bool help = false, stepping = false, only_words = false;
    int n = 0;

    narrate_put(narrator.name, sizeof narrator.name, "%.*s",
                (int)strcspn(base, "."), base);
    if (fcntl(STDOUT_FILENO, F_GETFD) == -1
        || fcntl(STDERR_FILENO, F_GETFD) == -1)
        narrate_refuse("standard output or error is closed: a socket "
                       "would take its place; send it to /dev/null");
#ifdef NARRATE_IGNORE_SIGPIPE
    signal(SIGPIPE, SIG_IGN);
#endif
    if (preset != NULL && preset[0] != '\0')
        narrate_take_port("LESSON_PORT=", preset, port);
    opterr = 0;
    while (optind < argc) {
        const char *word = argv[optind];
        int option = only_words ? -1 : getopt(argc, argv, "+hsq");

        if (option == -1 && !only_words && strcmp(word, "--") == 0) {
            only_words = true;
        } else if (option == 'h') {
            help = true;
        } else if (option == 's') {
            stepping = true;
        } else if (option == 'q') {
            narrator.quiet = true;
        } else if (option == '?') {
            if (word[1] >= '0' && word[1] <= '9')
                narrate_take_port("", word, port);
            narrate_usage(stderr);
            narrate_refuse("%s is no option of a lesson",
                           narrate_word(word));
        } else if (optind < argc) {
            if (n == 2) {
                narrate_usage(stderr);
                narrate_refuse("%s is one word too many: an address "
                               "and "
                               "a port expected",
                               narrate_word(argv[optind]));
            }
            words[n++] = argv[optind++];
        }
    }
    if (help)
        narrate_help(*address, *port);
    narrate_operands(words, n, address, port);
    narrator.address = *address;
    narrator.port = *port;
    narrator.colour =
        isatty(STDOUT_FILENO)
        && !(getenv("NO_COLOR") && getenv("NO_COLOR")[0])
        && !(getenv("TERM") && strcmp(getenv("TERM"), "dumb") == 0);
    narrate_listen_to(stepping);
    if (!narrator.quiet) {
        char title[NARRATE_TEXT];

        narrate_put(title, sizeof title, "%s: %s", narrator.name,
                    TITLE);
        narrate_line(NARRATE_CALL, title, (int)strlen(title));
        narrate_line(NARRATE_PLAIN, "", 0);
    }
}

/* Is there nothing to tell and nobody to wait for? Then a statement
 * costs nothing but this. */
static inline bool narrate_mute(void)
{
    return narrator.quiet && narrator.cue == -1
           && narrator.terminal == -1;
}

/* The names that lessons use. `begin`, and `fail` above, stay when the
 * narration is compiled out. */
#define begin(...) narrate_begin(__FILE__, __VA_ARGS__)
#ifdef NO_NARRATION
#define step(...) ((void)0)
#define waits(...) ((void)0)
#define result(...) ((void)0)
#define note(...) ((void)0)
#define received(...) ((void)0)
#define show(...) ((void)0)
#define hold(...) ((void)0)
#else
#define NARRATE(statement) (narrate_mute() ? (void)0 : (statement))
#define step(...) NARRATE(narrate_step(__LINE__, __VA_ARGS__))
#define waits(...) NARRATE(narrate_waits(__LINE__, __VA_ARGS__))
#define result(value, ...) \
    NARRATE(narrate_result((long)(value), __VA_ARGS__))
#define note(...) NARRATE(narrate_note(__VA_ARGS__))
#define received(bytes, size) narrate_received(bytes, size)
#define show(sock) NARRATE(narrate_show(sock))
#define hold(...) narrate_hold(__LINE__, __VA_ARGS__)
#endif

#endif
