/* text.h: words and numbers as the narrator writes them.
 *
 * Everything is put together in buffers on the caller's stack, bounded,
 * without the heap and without a stream: it may happen in a signal
 * handler, beside other threads, and after fork.
 */
#ifndef NARRATE_TEXT_H
#define NARRATE_TEXT_H

#include <stddef.h>

/* No function of the narrator has to be fast: cold ones are compiled at
 * -O2 in a quarter less time. No program needs all of them. */
#if defined __GNUC__ && defined __OPTIMIZE__
#define NARRATE_APART static inline __attribute__((cold))
#else
#define NARRATE_APART static inline
#endif

enum {
    NARRATE_ROOM = 1000, /* bytes, the longest text of one thing told */
    NARRATE_QUOTED = 24, /* bytes of a long message that are quoted */
    NARRATE_WIDTH = 70, /* columns; a demo puts a name before them */
};

/* A text that grows. What does not fit is left out. */
struct narrate_text {
    size_t used;
    char text[NARRATE_ROOM];
};

#define narrate_clear(t) ((t)->used = 0, (t)->text[0] = '\0')

/* Adds to a text, as printf does. vsnprintf keeps to the stack for the
 * conversions that we use: %s, %c, %d, %u, %ld, %zu and %X. */
#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
NARRATE_APART void
narrate_add(struct narrate_text *t, const char *format, ...)
{
    size_t room = sizeof t->text - t->used;
    va_list list;
    int size;

    va_start(list, format);
    size = vsnprintf(t->text + t->used, room, format, list);
    va_end(list);
    if (size > 0)
        t->used += (size_t)size < room ? (size_t)size : room - 1;
}

/* "1 byte", "23 bytes". */
NARRATE_APART void narrate_add_count(struct narrate_text *t,
                                     long number, const char *thing)
{
    narrate_add(t, "%ld %s%s", number, thing, number == 1 ? "" : "s");
}

/* A time as people read it: 13 µs, 42 ms, 2.04 s. */
NARRATE_APART void narrate_add_time(struct narrate_text *t,
                                    long long us)
{
    if (us < 1000)
        narrate_add(t, "%d \xC2\xB5s", (int)us);
    else if (us < 1000000)
        narrate_add(t, "%d ms", (int)((us + 500) / 1000));
    else
        narrate_add(t, "%d.%02d s", (int)(us / 1000000),
                    (int)(us % 1000000 / 10000));
}

#ifdef __linux__
/* <sys/uio.h> shows it with _GNU_SOURCE only. process_vm_readv(2). */
ssize_t process_vm_readv(pid_t process, const struct iovec *here,
                         unsigned long here_count,
                         const struct iovec *there,
                         unsigned long there_count,
                         unsigned long flags);
int mincore(void *start, size_t size, unsigned char *pages);
#endif

/* May `size` bytes at this pointer be read? A wrong pointer is for the
 * kernel to refuse, with EFAULT; we must not fall over it first.
 * process_vm_readv(2) of our own memory tells; in a container that
 * forbids it, mincore(2): there are such pages, at least. */
NARRATE_APART bool narrate_readable(const void *pointer, size_t size)
{
    if (pointer == NULL)
        return false;
#ifdef __linux__
    char *byte = (char *)(uintptr_t)pointer, copy[2];
    struct iovec here = {copy, 2};
    struct iovec there[2] = {{byte, 1}, {byte + size - (size > 0), 1}};
    int error = errno;
    ssize_t n = process_vm_readv(getpid(), &here, 1, there, 2, 0);
    bool readable = n == 2 || (n == -1 && errno != EFAULT);

    for (int i = 0; i < 2 && n == -1 && readable; i++) {
        uintptr_t at = (uintptr_t)there[i].iov_base;
        unsigned char page;

        at -= at % (uintptr_t)sysconf(_SC_PAGESIZE);
        readable =
            mincore((void *)at, 1, &page) == 0 || errno != ENOMEM;
    }
    errno = error;
    return readable;
#else
    (void)size;
    return true;
#endif
}

/* How many bytes at `s` make one letter that is safe to print as it is:
 * printable ASCII but for the quote and the backslash; in UTF-8, U+00A0
 * and up, but no control of direction and nothing that is invisible. 0
 * if it is none. RFC 3629; Unicode's Bidi_Control and Cf, but for the
 * signs of Cf that are seen, and accents, which stand on a letter. */
NARRATE_APART size_t narrate_letter(const unsigned char *s, size_t left)
{
    static const struct range {
        uint32_t first, last;
    } hidden[] = {
        {0xAD, 0xAD},       {0x34F, 0x34F},     {0x61C, 0x61C},
        {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
        {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},
        {0x3164, 0x3164},   {0xD800, 0xDFFF},   {0xE000, 0xF8FF},
        {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
        {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},   {0x13430, 0x1343F},
        {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0x1FFFFF},
    };
    const struct range *range = hidden;
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
    while (code > range->last) /* none is beyond the last range */
        range++;
    return code < range->first && code >= least[size - 2] ? size : 0;
}

/* Writes the bytes so that no terminal is disturbed by them: safe
 * letters as they are, the rest as \n, \t, \", \\ or \xNN. At most
 * `room` bytes with the final zero; returns how many input bytes were
 * written out. */
NARRATE_APART size_t narrate_escape(char *out, size_t room,
                                    const void *bytes, size_t size)
{
    static const char special[] = "\nn\tt\"\"\\\\";
    const char *end = out + room - 5;
    const unsigned char *s = bytes;
    size_t i = 0;

    while (i < size && out <= end) {
        size_t letter = narrate_letter(s + i, size - i);
        const char *known;

        if (letter > 0) {
            memcpy(out, s + i, letter);
            out += letter;
            i += letter;
            continue;
        }
        known = strchr(special, s[i]);
        if (known != NULL && s[i] != '\0')
            out += sprintf(out, "\\%c", known[1]);
        else
            out += sprintf(out, "\\x%02X", s[i]);
        i++;
    }
    *out = '\0';
    return i;
}

/* The bytes as a C string, "Hello\n", the first of them when they are
 * many; "..." then follows. No letter is cut in two. */
NARRATE_APART void narrate_add_quoted(struct narrate_text *t,
                                      const void *bytes, size_t size)
{
    char text[4 * (NARRATE_QUOTED + 8) + 5];
    size_t room =
        size <= NARRATE_QUOTED + 8 ? sizeof text : NARRATE_QUOTED + 4;
    size_t done;

    if (size > 0 && !narrate_readable(bytes, size)) {
        narrate_add(t, "%s", bytes == NULL ? "NULL" : "?");
        return;
    }
    done = narrate_escape(text, room, bytes, size);
    narrate_add(t, "\"%s\"%s", text, done < size ? "..." : "");
}

/* ---- names ------------------------------------------------------- */

/* The name of a number in one of the tables below. */
struct narrate_name {
    long value;
    const char *name;
};
#define NARRATE_NAME(constant) \
    { \
        constant, #constant \
    }

NARRATE_APART void narrate_add_name(struct narrate_text *t, long value,
                                    const struct narrate_name *names,
                                    size_t count)
{
    for (const struct narrate_name *n = names; n < names + count; n++)
        if (n->value == value) {
            narrate_add(t, "%s", n->name);
            return;
        }
    narrate_add(t, "%ld", value);
}

/* Flags, as they are joined in a call: MSG_PEEK|MSG_DONTWAIT; what has
 * no name in hexadecimal; 0 for none. */
NARRATE_APART void narrate_add_flags(struct narrate_text *t,
                                     unsigned flags,
                                     const struct narrate_name *names,
                                     size_t count)
{
    const char *between = "";

    for (const struct narrate_name *n = names; n < names + count; n++) {
        unsigned flag = (unsigned)n->value;

        if (flag == 0 || (flags & flag) != flag)
            continue;
        narrate_add(t, "%s%s", between, n->name);
        flags &= ~flag;
        between = "|";
    }
    if (flags != 0)
        narrate_add(t, "%s0x%X", between, flags);
    else if (between[0] == '\0')
        narrate_add(t, "0");
}
#define NARRATE_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- addresses --------------------------------------------------- */

/* The port of an IPv4 or IPv6 address, host byte order; -1 for others.
 */
NARRATE_APART int narrate_port_of(const void *address, size_t length)
{
    struct sockaddr_in v4;

    if (length < sizeof v4 || !narrate_readable(address, sizeof v4))
        return -1;
    memcpy(&v4, address, sizeof v4); /* sin6_port lies there too */
    return v4.sin_family == AF_INET || v4.sin_family == AF_INET6
               ? ntohs(v4.sin_port)
               : -1;
}

/* The bytes of an IPv4 or IPv6 address, without its port. */
NARRATE_APART const void *narrate_bytes_of(const void *address)
{
    return ((const struct sockaddr *)address)->sa_family == AF_INET
               ? (const char *)address
                     + offsetof(struct sockaddr_in, sin_addr)
               : (const char *)address
                     + offsetof(struct sockaddr_in6, sin6_addr);
}

/* The address in a struct sockaddr, as 127.0.0.1:8888 or [::1]:8888; of
 * other families what one can say in a word. inet_ntop(3). */
NARRATE_APART void narrate_add_address(struct narrate_text *t,
                                       const void *address,
                                       size_t length)
{
    struct sockaddr_storage any;
    char host[INET6_ADDRSTRLEN];
    size_t head = offsetof(struct sockaddr, sa_data);
    char *path = (char *)&any + head;
    int port = narrate_port_of(address, length);

    memset(&any, 0, sizeof any);
    if (length > sizeof any)
        length = sizeof any;
    if (!narrate_readable(address, length)) {
        narrate_add(t, address == NULL ? "NULL" : "?");
        return;
    }
    memcpy(&any, address, length);
    if (port != -1) {
        narrate_add(t, any.ss_family == AF_INET ? "%s:%d" : "[%s]:%d",
                    inet_ntop(any.ss_family, narrate_bytes_of(&any),
                              host, sizeof host),
                    port);
    } else if (any.ss_family == AF_UNIX && length > head) {
        length -= head;
        narrate_add_quoted(t, path,
                           *path ? strnlen(path, length) : length);
#if defined __linux__ && defined AF_PACKET
    } else if (any.ss_family == AF_PACKET) {
        struct sockaddr_ll link;

        memcpy(&link, &any, sizeof link);
        if (if_indextoname((unsigned)link.sll_ifindex, host) == NULL)
            snprintf(host, sizeof host, "interface %d",
                     link.sll_ifindex);
        narrate_add(t, "%s", host);
#endif
    } else {
        narrate_add(t, "{family %u%s}", (unsigned)any.ss_family,
                    any.ss_family == AF_UNSPEC ? ": no address" : "");
    }
}

/* How many columns a line that is written there may have: on a narrow
 * terminal all but the last. Its window may change at any time.
 * tty_ioctl(4) of Linux. */
NARRATE_APART int narrate_width(int out)
{
#ifdef TIOCGWINSZ
    struct winsize size;

    if (ioctl(out, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
        && size.ws_col <= NARRATE_WIDTH)
        return size.ws_col < 30 ? 29 : size.ws_col - 1;
#endif
    return NARRATE_WIDTH;
}

/* Microseconds since some moment in the past. clock_gettime(2). */
NARRATE_APART long long narrate_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

#endif
