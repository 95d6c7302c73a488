/* text.h: words and numbers as the narrator writes them.
 *
 * Texts are put together in bounded buffers on the caller's stack, with
 * neither the heap nor a stream: this may happen in a signal handler,
 * beside other threads, and after fork.
 */
#ifndef NARRATE_TEXT_H
#define NARRATE_TEXT_H

#include <stddef.h>

/* The narrator need not be fast: marked cold, its functions compile in
 * a quarter less time at -O2. inline: no program uses all of them. */
#if defined __GNUC__ && defined __OPTIMIZE__
#define NARRATE_APART static inline __attribute__((cold))
#else
#define NARRATE_APART static inline
#endif

/* For a function with one caller, of which it becomes a part: without
 * optimisation, too, gcc then has one function less to compile. */
#ifdef __GNUC__
#define NARRATE_INNER static inline __attribute__((always_inline))
#else
#define NARRATE_INNER static inline
#endif

enum {
    NARRATE_ROOM = 1000, /* bytes of one text, with its final zero */
    NARRATE_QUOTED = 24, /* bytes quoted of a longer message */
    NARRATE_WIDTH = 70, /* columns; a demo puts a name before them */
};

/* A text that grows, `used` bytes so far. What does not fit is cut. */
struct narrate_text {
    size_t used;
    char text[NARRATE_ROOM];
};

#define narrate_clear(t) ((t)->used = 0, (t)->text[0] = '\0')

/* Adds to a text, as printf does. With the conversions that we use, of
 * strings, characters and integers, vsnprintf keeps to the stack. */
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

/* Adds a number and what it counts: "1 byte", "23 bytes". */
NARRATE_APART void narrate_add_count(struct narrate_text *t,
                                     long number, const char *thing)
{
    narrate_add(t, "%ld %s%s", number, thing, number == 1 ? "" : "s");
}

/* Adds a time, `us` in microseconds: 13 µs, 42 ms, 2.04 s. */
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
/* <sys/uio.h> has it only with _GNU_SOURCE. process_vm_readv(2). */
ssize_t process_vm_readv(pid_t process, const struct iovec *here,
                         unsigned long here_count,
                         const struct iovec *there,
                         unsigned long there_count,
                         unsigned long flags);
int mincore(void *start, size_t size, unsigned char *pages);
#endif

/* Can `size` bytes be read here? The kernel must refuse a wrong pointer
 * (EFAULT) before we crash on it. process_vm_readv(2) tries the first
 * and the last byte; in a container that forbids it, mincore(2) says
 * whether their pages exist. Elsewhere only NULL fails. Keeps errno. */
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

/* The size in bytes of the character at `s` (`left` bytes to the end)
 * if it is safe to print as it is; otherwise 0. Safe: printable ASCII
 * but quote and backslash; in UTF-8 (RFC 3629) U+00A0 and above,
 * accents too, but nothing invisible and no control of direction:
 * Unicode's Bidi_Control, and Cf except its visible signs. */
NARRATE_INNER size_t narrate_letter(const unsigned char *s, size_t left)
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
    while (code > range->last) /* no code is beyond the last range */
        range++;
    return code < range->first && code >= least[size - 2] ? size : 0;
}

/* Writes bytes in a form that cannot disturb a terminal: safe
 * characters as they are, the rest as \n, \t, \", \\ or \xNN. `out` has
 * `room` bytes, 5 or more, the final zero included. Returns how many
 * bytes of the input it has written. */
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
        known = memchr(special, s[i], sizeof special - 1);
        if (known != NULL)
            out += sprintf(out, "\\%c", known[1]);
        else
            out += sprintf(out, "\\x%02X", s[i]);
        i++;
    }
    *out = '\0';
    return i;
}

/* Adds bytes as a C string, "Hello\n"; of many, the first and "...", in
 * whole characters. NULL or ? stands for what cannot be read. */
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

/* A number and its name: a row of the tables below. */
struct narrate_name {
    long value;
    const char *name;
};
#define NARRATE_NAME(constant) \
    { \
        constant, #constant \
    }

/* Adds the name of a value; the value itself if `names` lacks it. */
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

/* Adds flags as a call joins them, MSG_PEEK|MSG_DONTWAIT; those without
 * a name in hexadecimal; 0 for none. */
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

/* The port of an IPv4 or IPv6 address, in host byte order; -1 for other
 * families, and for an address that is too short or cannot be read. */
NARRATE_APART int narrate_port_of(const void *address, size_t length)
{
    struct sockaddr_in v4;

    if (length < sizeof v4 || !narrate_readable(address, sizeof v4))
        return -1;
    memcpy(&v4, address, sizeof v4); /* sin6_port is there too */
    return v4.sin_family == AF_INET || v4.sin_family == AF_INET6
               ? ntohs(v4.sin_port)
               : -1;
}

/* Where the 4 or 16 bytes of an IPv4 or IPv6 address begin. */
NARRATE_APART const void *narrate_bytes_of(const void *address)
{
    return ((const struct sockaddr *)address)->sa_family == AF_INET
               ? (const char *)address
                     + offsetof(struct sockaddr_in, sin_addr)
               : (const char *)address
                     + offsetof(struct sockaddr_in6, sin6_addr);
}

/* Adds a struct sockaddr: 127.0.0.1:8888, [::1]:8888, a path, an
 * interface, or {family 5}; ? if it cannot be read. inet_ntop(3). */
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
                    any.ss_family == AF_UNSPEC ? ": AF_UNSPEC" : "");
    }
}

/* How many columns a line written to `out` may have: NARRATE_WIDTH, or
 * on a narrow terminal one less than it has, at least 29. Windows
 * change size, so we ask each time. tty_ioctl(4) of Linux. */
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

/* Microseconds since an unspecified moment. clock_gettime(2). */
NARRATE_APART long long narrate_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

#endif
