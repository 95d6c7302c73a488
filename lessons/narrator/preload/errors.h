/* errors.h: what a failed call means, and what to try.
 *
 * Two tables: meanings.h for the calls that set errno, and one here for
 * the EAI_ errors of getaddrinfo. The narrator prints from them, the
 * handout's appendix is made from them, and the tests provoke their
 * rows. tests/errors.pages says which manual page lists which errno.
 *
 * The texts hold marks, which narrate_fill replaces:
 *
 *   {lesson}   the program; {other}: the one at the other end
 *   {address}  that of the call, else the program's; {port}: its port
 *   {where}    both, as 127.0.0.1:8888; {words}: both for a command,
 *              the port alone for 127.0.0.1, 0.0.0.0, :: and host names
 *   {holder}   the process that has the port; {state}: the TCP state of
 *              what is left of one
 *   `ls -l`    a command: no line is broken inside it
 *   [A|B]      A if every mark in A has a value, otherwise B; [A]: A or
 *              nothing. Only the handout has a value for {handout}.
 *
 * A meaning has no full stop at its end: the narrator adds it.
 */
#ifndef NARRATE_ERRORS_H
#define NARRATE_ERRORS_H

#include "text.h"

/* Commands that show what the system holds. On Linux: ss(8), ip(8),
 * proc(5), free(1), nft(8), strace(1), getent(1). */
#ifdef __linux__
#define NARRATE_WHO "`ss -tuanp 'sport = :{port}'`"
#define NARRATE_PORTS "`ss -s`"
#define NARRATE_ADDRESSES "`ip -br addr`"
#define NARRATE_INTERFACES "`ip -br link`"
#define NARRATE_ROUTE "`ip route get {address}`"
#define NARRATE_ROUTES "`ip route`"
#define NARRATE_FILES "`cat /proc/sys/fs/file-nr`"
#define NARRATE_MEMORY "`free -h`"
#define NARRATE_FIREWALL "`sudo nft list ruleset`"
#define NARRATE_TRACE "`strace -e trace=network,close ./{lesson}`"
#define NARRATE_RESOLVE "`getent ahosts {address}`"
#else
#define NARRATE_WHO "`lsof -nP -i :{port}`"
#define NARRATE_PORTS "`netstat -an -p tcp`"
#define NARRATE_ADDRESSES "`ifconfig -a`"
#define NARRATE_INTERFACES "`ifconfig -l`"
#define NARRATE_ROUTE "`route -n get {address}`"
#define NARRATE_ROUTES "`netstat -rn`"
#define NARRATE_FILES "`sysctl kern.num_files kern.maxfiles`"
#define NARRATE_MEMORY "`vm_stat`"
#define NARRATE_FIREWALL "`sudo pfctl -s rules`"
#define NARRATE_TRACE "`sudo dtruss ./{lesson}`"
#define NARRATE_RESOLVE "`dscacheutil -q host -a name {address}`"
#endif

struct narrate_error {
    const char *calls; /* one or more, separated by spaces */
    int error; /* errno, or an EAI_ number of getaddrinfo */
    const char *meaning, *try_this;
};

#include "../meanings.h"

/* The errors of getaddrinfo, `*count` of them; in a function, so that
 * only programs that call it carry them. glibc defines the last two
 * only with _GNU_SOURCE, but always returns them. */
#if defined __GLIBC__ && !defined EAI_NODATA
#define EAI_NODATA (-5)
#define EAI_ADDRFAMILY (-9)
#endif
NARRATE_APART const struct narrate_error *narrate_resolver_errors(
    size_t *count)
{
    /* clang-format off */
    static const struct narrate_error rows[] = {
{"getaddrinfo", EAI_NONAME,
 "nobody knows this name, neither a name server nor /etc/hosts. Or it"
 " is no number, where AI_NUMERICHOST or AI_NUMERICSERV wants one",
 "check the spelling; " NARRATE_RESOLVE " asks the same resolver. The"
 " name localhost belongs in /etc/hosts"},
{"getaddrinfo", EAI_AGAIN,
 "the name servers do not answer at the moment",
 NARRATE_ADDRESSES " shows whether this host is on a network. An"
 " address needs no name server, nor does a name in /etc/hosts, where"
 " localhost belongs"},
{"getaddrinfo", EAI_FAIL,
 "a name server answered that it cannot resolve this name",
 "try another name; if that works, the fault lies with the servers of"
 " this one"},
{"getaddrinfo", EAI_SYSTEM,
 "a system call inside the resolver failed, and errno says why",
 "print strerror(errno) right after getaddrinfo"},
{"getaddrinfo", EAI_MEMORY,
 "there is no memory for the list of addresses",
 NARRATE_MEMORY " shows what is left; end other programs"},
{"getaddrinfo", EAI_FAMILY,
 "the resolver does not know the family in hints.ai_family",
 "set it to AF_UNSPEC, AF_INET or AF_INET6"},
{"getaddrinfo", EAI_SOCKTYPE,
 "the resolver does not know the type in hints.ai_socktype",
 "set it to SOCK_STREAM or SOCK_DGRAM"},
{"getaddrinfo", EAI_SERVICE,
 "sockets of this type have no such service: the second argument",
 "give the port as a number in a string, as in \"8888\""},
{"getaddrinfo", EAI_BADFLAGS,
 "the resolver does not know one of the flags in hints.ai_flags",
 "set all of hints to 0 first; `man 3 getaddrinfo` lists the flags"},
#ifdef EAI_NODATA
{"getaddrinfo", EAI_NODATA,
 "the name is known, but it has no address",
 NARRATE_RESOLVE " asks the same resolver; give another name"},
#endif
#ifdef EAI_ADDRFAMILY
{"getaddrinfo", EAI_ADDRFAMILY,
 "the name has no address of the family in hints.ai_family",
 "set hints.ai_family to AF_UNSPEC, for addresses of any family"},
#endif
    };
    /* clang-format on */

    *count = NARRATE_COUNT(rows);
    return rows;
}

#define N(error) {error, #error},

/* The name of an EAI_ number, such as "EAI_NONAME"; never NULL. */
NARRATE_APART const char *narrate_resolver_name(int error)
{
    static const struct narrate_name names[] = {
        /* clang-format off */
        N(EAI_AGAIN) N(EAI_BADFLAGS) N(EAI_FAIL) N(EAI_FAMILY)
        N(EAI_MEMORY) N(EAI_NONAME) N(EAI_SERVICE) N(EAI_SOCKTYPE)
        N(EAI_SYSTEM)
#ifdef EAI_NODATA
        N(EAI_NODATA)
#endif
#ifdef EAI_ADDRFAMILY
        N(EAI_ADDRFAMILY)
#endif
        /* clang-format on */
    };

    for (size_t i = 0; i < NARRATE_COUNT(names); i++)
        if (names[i].value == error)
            return names[i].name;
    return "an unknown EAI_ error";
}

/* The name of an errno, such as "EBADF"; never NULL. glibc knows the
 * names since version 2.32. */
#if defined __GLIBC__ && 100 * __GLIBC__ + __GLIBC_MINOR__ >= 232
const char *strerrorname_np(int error);
NARRATE_APART const char *narrate_errno_name(int error)
{
    const char *name = strerrorname_np(error);

    return name != NULL && error != 0 ? name : "an unknown errno";
}
#else
/* Elsewhere: all errnos of POSIX.1-2008, and those of this system. If
 * two names have the same number, the first is used. */
NARRATE_APART const char *narrate_errno_name(int error)
{
    static const struct narrate_name names[] = {
        /* clang-format off */
        N(E2BIG) N(EACCES) N(EADDRINUSE) N(EADDRNOTAVAIL)
        N(EAFNOSUPPORT) N(EAGAIN) N(EALREADY) N(EBADF) N(EBADMSG)
        N(EBUSY) N(ECANCELED) N(ECHILD) N(ECONNABORTED) N(ECONNREFUSED)
        N(ECONNRESET) N(EDEADLK) N(EDESTADDRREQ) N(EDOM) N(EDQUOT)
        N(EEXIST) N(EFAULT) N(EFBIG) N(EHOSTUNREACH) N(EIDRM) N(EILSEQ)
        N(EINPROGRESS) N(EINTR) N(EINVAL) N(EIO) N(EISCONN) N(EISDIR)
        N(ELOOP) N(EMFILE) N(EMLINK) N(EMSGSIZE) N(EMULTIHOP)
        N(ENAMETOOLONG) N(ENETDOWN) N(ENETRESET) N(ENETUNREACH)
        N(ENFILE) N(ENOBUFS) N(ENODEV) N(ENOENT) N(ENOEXEC) N(ENOLCK)
        N(ENOLINK) N(ENOMEM) N(ENOMSG) N(ENOPROTOOPT) N(ENOSPC)
        N(ENOSYS) N(ENOTCONN) N(ENOTDIR) N(ENOTEMPTY) N(ENOTSOCK)
        N(EOPNOTSUPP) N(ENOTSUP) N(ENOTTY) N(ENXIO) N(EOVERFLOW)
        N(EPERM) N(EPIPE) N(EPROTO) N(EPROTONOSUPPORT) N(EPROTOTYPE)
        N(ERANGE) N(EROFS) N(ESPIPE) N(ESRCH) N(ESTALE) N(ETIMEDOUT)
        N(ETXTBSY) N(EWOULDBLOCK) N(EXDEV)
#ifdef ENOTRECOVERABLE
        N(ENOTRECOVERABLE) N(EOWNERDEAD)
#endif
#ifdef ENOSTR /* POSIX, for systems with STREAMS */
        N(ENODATA) N(ENOSR) N(ENOSTR) N(ETIME)
#endif
#ifdef EHOSTDOWN /* BSD and Linux */
        N(EHOSTDOWN) N(ENOTBLK) N(EPFNOSUPPORT) N(EREMOTE) N(ESHUTDOWN)
        N(ESOCKTNOSUPPORT) N(ETOOMANYREFS) N(EUSERS)
#endif
#ifdef __linux__ /* errno(3) */
        N(EADV) N(EBADE) N(EBADFD) N(EBADR) N(EBADRQC) N(EBADSLT)
        N(EBFONT) N(ECHRNG) N(ECOMM) N(EDOTDOT) N(EHWPOISON) N(EISNAM)
        N(EKEYEXPIRED) N(EKEYREJECTED) N(EKEYREVOKED) N(EL2HLT)
        N(EL2NSYNC) N(EL3HLT) N(EL3RST) N(ELIBACC) N(ELIBBAD)
        N(ELIBEXEC) N(ELIBMAX) N(ELIBSCN) N(ELNRNG) N(EMEDIUMTYPE)
        N(ENAVAIL) N(ENOANO) N(ENOCSI) N(ENOKEY) N(ENOMEDIUM) N(ENONET)
        N(ENOPKG) N(ENOTNAM) N(ENOTUNIQ) N(EREMCHG) N(EREMOTEIO)
        N(ERESTART) N(ERFKILL) N(ESRMNT) N(ESTRPIPE) N(EUCLEAN)
        N(EUNATCH) N(EXFULL)
#endif
        /* clang-format on */
    };

    for (size_t i = 0; i < NARRATE_COUNT(names); i++)
        if (names[i].value == error)
            return names[i].name;
    return "an unknown errno";
}
#endif
#undef N

/* Is `call` one of the words of `calls`? Only the first place where it
 * occurs counts, so there "send" must stand before "sendto". */
NARRATE_APART bool narrate_among(const char *calls, const char *call)
{
    const char *word = strstr(calls, call);

    return word != NULL && (word == calls || word[-1] == ' ')
           && strchr(" ", word[strlen(call)]) != NULL; /* or the end */
}

/* The row for a call and an errno; NULL if there is none. */
NARRATE_APART const struct narrate_error *narrate_error_of(
    const char *call, int error)
{
    const struct narrate_error *row = narrate_errors;

    for (; row < narrate_errors + NARRATE_COUNT(narrate_errors); row++)
        if (row->error == error && narrate_among(row->calls, call))
            return row;
    return NULL;
}

/* The row for a result of getaddrinfo; NULL if there is none. */
NARRATE_INNER const struct narrate_error *narrate_resolver_error(
    int error)
{
    size_t count;
    const struct narrate_error *rows = narrate_resolver_errors(&count);

    for (size_t i = 0; i < count; i++)
        if (rows[i].error == error)
            return &rows[i];
    return NULL;
}

/* The values of the marks, all safe to print. "" or 0 stands for what
 * is not known. */
struct narrate_place {
    const char *lesson, *other, *address;
    unsigned port; /* host byte order */
    const char *holder, *state; /* of a port in use; or NULL */
};

/* Adds a text of the tables, its marks replaced, its backquotes left
 * out. \b stands for a space where a line must not be broken. */
NARRATE_APART void narrate_fill(struct narrate_text *out,
                                const char *text,
                                const struct narrate_place *place)
{
    /* The marks, and what replaces one that has no value. The last is a
     * plain brace. */
    static const struct mark {
        const char *name, *other;
    } marks[] = {
        {"{lesson}", "PROGRAM"},
        {"{other}", "PROGRAM"},
        {"{address}", "ADDRESS"},
        {"{port}", "PORT"},
        {"{where}", "ADDRESS"},
        {"{words}", "PORT"},
        {"{holder}", "PROCESS"},
        {"{state}", "STATE"},
        {"{", "{"},
    };
    const char *address = place->address;
    char where[280], words[280];
    char *port =
        words + snprintf(words, sizeof words, "%.255s\b", address);
    const char *values[] = {place->lesson,
                            place->other,
                            address,
                            place->port != 0 ? port : "",
                            *address != '\0' ? where : "",
                            words,
                            place->holder != NULL ? place->holder : "",
                            place->state != NULL ? place->state : "",
                            ""};
    size_t start = 0;
    bool command = false, optional = false;

    sprintf(port, "%u", place->port);
    snprintf(where, sizeof where,
             strchr(address, ':') ? "[%.255s]:%u" : "%.255s:%u",
             address, place->port);
    if (*address == '\0'
        || address[strspn(address, "0123456789abcdefABCDEF.:")] != '\0'
        || narrate_among("127.0.0.1 0.0.0.0 ::", address))
        values[5] = port;
    if (place->port == 0)
        values[5] = "";
    for (; *text != '\0'; text += *text != '\0') {
        const struct mark *mark = marks;
        const char *value;

        switch (*text) {
        case '`':
            command = !command;
            break;
        case '[':
            optional = true;
            start = out->used;
            break;
        case '|': /* of [A|B], A has been added */
            text += strcspn(text, "]");
            optional = false;
            break;
        case ']':
            optional = false;
            break;
        case '{':
            while (strncmp(text, mark->name, strlen(mark->name)) != 0)
                mark++;
            value = values[mark - marks];
            if (*value == '\0' && optional) {
                out->used = start;
                out->text[start] = '\0';
                text += strcspn(text, "|]");
                command = optional = false;
                break;
            }
            narrate_add(out, "%s",
                        *value != '\0' ? value : mark->other);
            text += strlen(mark->name) - 1;
            break;
        default:
            narrate_add(out, "%c",
                        command && *text == ' ' ? '\b' : *text);
        }
    }
}

#endif
