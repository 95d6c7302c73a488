/* text.h: words and numbers as the narrator writes them.
 *
 * Texts are put together in bounded buffers, with neither the heap nor
 * a stream, and with little of the caller's stack: this may happen in a
 * signal handler, beside other threads, and after fork.
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

/* A text that grows, `used` bytes so far, in `room` bytes, with its
 * final zero. What does not fit is cut. */
struct narrate_text {
    size_t used, room;
    char *text;
};

/* Defines an empty text of this size; static, if that stands before it,
 * for functions that hold the lock of tell.h. */
#define NARRATE_TEXT(name, size) \
    struct narrate_text name = {0, size, (char[size]){0}}
#define NARRATE_STATIC(name, size) \
    static char name##_bytes[size]; \
    static struct narrate_text name = {0, size, name##_bytes}

NARRATE_APART struct narrate_text *narrate_clear(struct narrate_text *t)
{
    t->used = 0;
    t->text[0] = '\0';
    return t;
}

NARRATE_APART void narrate_put(struct narrate_text *t, const char *s,
                               size_t size)
{
    if (size > t->room - 1 - t->used)
        size = t->room - 1 - t->used;
    memcpy(t->text + t->used, s, size);
    t->used += size;
    t->text[t->used] = '\0';
}

/* Writes the digits of a number before `end`; returns the first. */
NARRATE_INNER char *narrate_digits(char *end, unsigned long long number,
                                   unsigned base, int least)
{
    int n = 0;

    do
        *--end = "0123456789ABCDEF"[number % base];
    while (++n < least || number >= base ? (number /= base, true)
                                         : false);
    return end;
}

/* What printf does for %s %c %d %u %X and %%, with 0, a width or *, the
 * precision of a string, and l, ll or z. printf itself is no function
 * that a signal handler may call, and takes 1.5 KiB of stack. */
NARRATE_APART void narrate_addv(struct narrate_text *t, const char *f,
                                va_list list)
{
    for (size_t plain; *f != '\0'; f++) {
        int width = 0, most = -1, longs = 0;
        bool zero = false, minus = false;
        unsigned long long number;
        char digits[24], *end = digits + sizeof digits;
        const char *s = digits;
        size_t size = 1;

        plain = strcspn(f, "%");
        narrate_put(t, f, plain);
        f += plain;
        if (*f++ == '\0')
            return;
        zero = *f == '0';
        for (; *f >= '0' && *f <= '9'; f++)
            width = 10 * width + (*f - '0');
        if (*f == '*') {
            width = va_arg(list, int);
            f++;
        }
        if (f[0] == '.' && f[1] == '*') {
            most = va_arg(list, int);
            f += 2;
        } else if (*f == '.') {
            for (most = 0, f++; *f >= '0' && *f <= '9'; f++)
                most = 10 * most + (*f - '0');
        }
        for (; *f == 'l' || *f == 'z'; f++)
            longs++;
        switch (*f) {
        case 's':
            s = va_arg(list, const char *);
            size = most >= 0 ? strnlen(s, (size_t)most) : strlen(s);
            break;
        case 'c':
            digits[0] = (char)va_arg(list, int);
            break;
        case '%':
            digits[0] = '%';
            break;
        default:
            if (*f == 'd') {
                long long d = longs > 1   ? va_arg(list, long long)
                              : longs > 0 ? va_arg(list, long)
                                          : va_arg(list, int);

                minus = d < 0;
                number = minus ? 0 - (unsigned long long)d
                               : (unsigned long long)d;
            } else {
                number = longs > 1   ? va_arg(list, unsigned long long)
                         : longs > 0 ? va_arg(list, unsigned long)
                                     : va_arg(list, unsigned);
            }
            end = narrate_digits(end, number, *f == 'X' ? 16 : 10,
                                 zero && width < 20 ? width : 1);
            if (minus)
                *--end = '-';
            s = end;
            size = (size_t)(digits + sizeof digits - end);
        }
        for (; width > (int)size; width--)
            narrate_put(t, " ", 1);
        narrate_put(t, s, size);
    }
}

/* Adds to a text, as printf does. */
#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
NARRATE_APART void
narrate_add(struct narrate_text *t, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    narrate_addv(t, format, list);
    va_end(list);
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
 * characters as they are, the rest as \n, \t, \", \\ or \xNN; behind
 * \x00 it is a part of a number, so a 9 is \x09 there. `out` has `room`
 * bytes, 5 or more, the final zero included. Returns how many
 * bytes of the input it has written. */
NARRATE_APART size_t narrate_escape(char *out, size_t room,
                                    const void *bytes, size_t size)
{
    static const char special[] = "\nn\tt\"\"\\\\";
    static const char hex[] = "0123456789ABCDEF";
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
        known = i > 0 && s[i - 1] == 0 && s[i] < ' '
                    ? NULL
                    : memchr(special, s[i], sizeof special - 1);
        *out++ = '\\';
        if (known != NULL) {
            *out++ = known[1];
        } else {
            *out++ = 'x';
            *out++ = hex[s[i] >> 4];
            *out++ = hex[s[i] & 15];
        }
        i++;
    }
    *out = '\0';
    return i;
}

/* Adds bytes as a C string, "Hello\n"; of many, or if they would not
 * fit into a line, the first and "...", in whole characters. NULL or ?
 * stands for what cannot be read. */
NARRATE_APART void narrate_add_quoted(struct narrate_text *t,
                                      const void *bytes, size_t size)
{
    const size_t most = NARRATE_WIDTH - 11; /* behind the indent */
    char text[NARRATE_WIDTH];
    size_t done = 0;

    if (size > 0 && !narrate_readable(bytes, size)) {
        narrate_add(t, "%s", bytes == NULL ? "NULL" : "?");
        return;
    }
    if (size <= NARRATE_QUOTED + 8)
        done = narrate_escape(text, sizeof text, bytes, size);
    if (done < size || strlen(text) > most)
        done = narrate_escape(text, NARRATE_QUOTED + 4, bytes, size);
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
#define NARRATE_ADD_NAME(text, value, names) \
    narrate_add_name(text, value, names, NARRATE_COUNT(names))
#define NARRATE_ADD_FLAGS(text, value, names) \
    narrate_add_flags(text, (unsigned)(value), names, \
                      NARRATE_COUNT(names))

/* ---- addresses --------------------------------------------------- */

/* An address of IPv4 or IPv6; of another family only its number. */
union narrate_end {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* Its port, in host byte order; -1: it has none. */
NARRATE_APART int narrate_port_in(const union narrate_end *end)
{
    return end->any.sa_family == AF_INET
                   || end->any.sa_family == AF_INET6
               ? ntohs(end->v4.sin_port) /* sin6_port is there too */
               : -1;
}

/* The same of an address that the program has given; -1, too, if it is
 * too short or cannot be read. */
NARRATE_APART int narrate_port_of(const void *address, size_t length)
{
    union narrate_end end;

    if (length < sizeof end.v4
        || !narrate_readable(address, sizeof end.v4))
        return -1;
    memcpy(&end.v4, address, sizeof end.v4);
    return narrate_port_in(&end);
}

/* Where the 4 or 16 bytes of an IPv4 or IPv6 address begin. */
NARRATE_APART const void *narrate_bytes_of(const void *address)
{
    return (const char *)address
           + (((const struct sockaddr *)address)->sa_family == AF_INET
                  ? offsetof(struct sockaddr_in, sin_addr)
                  : offsetof(struct sockaddr_in6, sin6_addr));
}

/* Adds an address: 127.0.0.1:8888, [::1]:8888. inet_ntop(3). */
NARRATE_APART void narrate_add_end(struct narrate_text *t,
                                   const union narrate_end *end)
{
    sa_family_t family = end->any.sa_family;
    char host[INET6_ADDRSTRLEN];

    narrate_add(
        t, family == AF_INET ? "%s:%d" : "[%s]:%d",
        inet_ntop(family, narrate_bytes_of(end), host, sizeof host),
        narrate_port_in(end));
}

/* Adds a struct sockaddr of the program's: as above, or a path, an
 * interface, {family 5}; ? if it cannot be read. */
NARRATE_APART void narrate_add_address(struct narrate_text *t,
                                       const void *address,
                                       size_t length)
{
    size_t head = offsetof(struct sockaddr, sa_data);
    int port = narrate_port_of(address, length);
    const char *path = (const char *)address + head;
    union narrate_end end;

    memset(&end, 0, sizeof end);
    if (!narrate_readable(address, length)) {
        narrate_add(t, address == NULL ? "NULL" : "?");
        return;
    }
    memcpy(&end, address, length < sizeof end ? length : sizeof end);
    if (port != -1) {
        narrate_add_end(t, &end);
    } else if (end.any.sa_family == AF_UNIX && length > head) {
        length -= head;
        narrate_add_quoted(t, path,
                           *path ? strnlen(path, length) : length);
#if defined __linux__ && defined AF_PACKET
    } else if (end.any.sa_family == AF_PACKET) {
        char name[IF_NAMESIZE];
        struct sockaddr_ll link;

        memset(&link, 0, sizeof link);
        memcpy(&link, address,
               length < sizeof link ? length : sizeof link);
        if (if_indextoname((unsigned)link.sll_ifindex, name) != NULL)
            narrate_add(t, "%s", name);
        else
            narrate_add(t, "interface %d", link.sll_ifindex);
#endif
    } else {
        narrate_add(t, "{family %u%s}", (unsigned)end.any.sa_family,
                    end.any.sa_family == AF_UNSPEC ? ": AF_UNSPEC"
                                                   : "");
    }
}

/* Microseconds since an unspecified moment. clock_gettime(2). */
NARRATE_APART long long narrate_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

#endif
