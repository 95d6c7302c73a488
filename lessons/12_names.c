// # 12 `getaddrinfo`: from a name to a connection
//
// People call a host by its name, the kernel wants an address. The
// *resolver*, a part of the C library, finds it: in /etc/hosts, or by
// asking name servers. A name may have several addresses, of IPv4 and
// of IPv6, and not all of them need to work: we try one after another.
#define TITLE "a name is a list of addresses"
#define ADDRESSES HOST_NAME
#include "narrate.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

// How many seconds we wait for one address, and later for the answer;
// room for the answer; and how many addresses we print of a long list.
enum { PATIENCE = 3, ROOM = 64, PRINTED = 4 };

// ## When the resolver fails
//
// `getaddrinfo` returns 0 or an error of its own kind, which is not an
// errno; only with `EAI_SYSTEM` does errno say more. These are all that
// POSIX lists for it; the last row is for what a system may add.
static const struct resolver_error {
    int error;
    const char *name, *meaning, *try_this;
} resolver_errors[] = {
    {EAI_NONAME, "EAI_NONAME",
     "nobody knows this name, or it has no address",
     "look at the spelling; getent ahosts NAME asks the same resolver"},
    {EAI_AGAIN, "EAI_AGAIN", "the name servers do not answer now",
     "ip addr shows if there is a network; an address needs no server"},
    {EAI_FAIL, "EAI_FAIL", "the name server says that it cannot answer",
     "another name; if that works, the fault is with this one's owner"},
    {EAI_SYSTEM, "EAI_SYSTEM", "a system call of the resolver failed",
     "the words above are those of its errno"},
    {EAI_MEMORY, "EAI_MEMORY", "there was no memory for the list",
     "end other programs; free -h shows how much there is"},
    {EAI_FAMILY, "EAI_FAMILY", "hints.ai_family is no known family",
     "AF_UNSPEC, AF_INET or AF_INET6"},
    {EAI_SOCKTYPE, "EAI_SOCKTYPE", "hints.ai_socktype is no known type",
     "SOCK_STREAM or SOCK_DGRAM"},
    {EAI_SERVICE, "EAI_SERVICE", "the type has no such service",
     "a port, as a number"},
    {EAI_BADFLAGS, "EAI_BADFLAGS", "hints.ai_flags has a wrong flag",
     "man 3 getaddrinfo lists the flags"},
    {0, "no error that POSIX lists",
     "the name is known, but perhaps not with an address",
     "man 3 getaddrinfo lists what this system can say"},
};

static _Noreturn void unresolved(int error)
{
    const char *words = error == EAI_SYSTEM ? strerror(errno)
                                            : gai_strerror(error);
    const struct resolver_error *row = resolver_errors;
    while (row->error != error && row->error != 0)
        row++;
    result(error, "%s: no address.", row->name);
    fprintf(stderr, "12_names: getaddrinfo: %s (%s)\n"
            "%15s %s.\n%8s %s\n",
            row->name, words, "That means:", row->meaning,
            "Try:", row->try_this);
    exit(1);
}

// ## One address
//
// A host that is switched off does not answer, and `connect` would wait
// for it for two minutes or more. So it shall not wait: on a
// non-blocking socket it begins the handshake and fails with
// `EINPROGRESS`. `poll` waits, as long as we like. When the socket is
// writable the handshake is over, and `SO_ERROR` holds its errno.
static int handshake(int sock)
{
    struct pollfd watched = {sock, POLLOUT, 0};
    step("poll({%d, POLLOUT}, 1, %d)", sock, PATIENCE * 1000);
    waits("an answer, %d seconds at most", PATIENCE);
    int ready = poll(&watched, 1, PATIENCE * 1000);
    if (ready == -1)
        fail("poll");
    result(ready, "%s", ready == 0 ? "Nobody answers there."
           : "The handshake is over, one way or the other.");
    if (ready == 0)
        return ETIMEDOUT;

    int error = 0;
    socklen_t length = sizeof error;
    step("getsockopt(%d, SOL_SOCKET, SO_ERROR, &error, &length)", sock);
    if (getsockopt(sock, SOL_SOCKET, SO_ERROR, &error, &length) == -1)
        fail("getsockopt");
    result(0, "error is %d: %s.", error, error == 0 ? "we are connected"
           : error_name(error));
    return error;
}

// `getaddrinfo` has filled in all that `socket` and `connect` need: the
// same lines serve for IPv4 and IPv6. Returns the connected socket, or
// -1 and errno, which also may be that this host has no IPv6 at all;
// `failed` then names the call.
static const char *failed;
static int reach(const struct addrinfo *a)
{
    failed = "socket";
    step("socket(%s, SOCK_STREAM, %d)", a->ai_family == AF_INET6
         ? "AF_INET6" : "AF_INET", a->ai_protocol);
    int sock = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    result(sock, "%s", sock == -1 ? "Not this kind of address, then."
           : "A socket of the address's family; 6 is TCP's number.");
    if (sock == -1)
        return -1;

    step("fcntl(%d, F_SETFL, O_NONBLOCK)", sock);
    if (fcntl(sock, F_SETFL, O_NONBLOCK) == -1)
        fail("fcntl");
    result(0, "connect will not wait on it.");

    failed = "connect";
    step("connect(%d, %s, %zu)", sock, text_of(a->ai_addr),
         (size_t)a->ai_addrlen);
    int done = connect(sock, a->ai_addr, a->ai_addrlen);
    int error = done == -1 ? errno : 0;
    result(done, "%s", error == EINPROGRESS ? "Our SYN is on its way."
           : error == 0 ? "Connected." : "Not to this address.");
    if (error == EINPROGRESS)
        error = handshake(sock);
    if (error == 0) {
        show(sock);
        return sock;
    }

    step("close(%d)", sock);
    if (close(sock) == -1)
        fail("close");
    result(0, "A socket whose connect has failed is of no more use.");
    errno = error;
    return -1;
}

int main(int argc, char *argv[])
{
    // A name takes the address's place. `localhost` is this host.
    const char *address = "localhost";
    uint16_t port = 8888;
    begin(argc, argv, &address, &port);

    // What we want: addresses of either family, for TCP. The port is a
    // string, too, for it may be the name of a *service*, as "http". We
    // give a number and say so. `AI_ADDRCONFIG` would leave IPv6 out
    // where this host has no IPv6 address but `::1`. We leave it off:
    // an address that does not work costs us one try.
    struct addrinfo hints = {0};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    char service[6];
    snprintf(service, sizeof service, "%u", (unsigned)port);

    // The resolver may ask servers at the other end of the world, and
    // takes the time that it takes: on Linux 5 seconds, twice, for each
    // server that says nothing. `RES_OPTIONS=timeout:1` shortens that.
    struct addrinfo *list;
    step("getaddrinfo(%s, \"%s\", &hints, &list)",
         quoted(address, strlen(address)), service);
    waits("the resolver");
    int error = getaddrinfo(address, service, &hints, &list);
    if (error != 0)
        unresolved(error);
    result(0, "The addresses, best first (RFC 6724):");
    int known = 0;
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
        if (++known <= PRINTED)
            note("%d. %s", known, text_of(a->ai_addr));
    if (known > PRINTED)
        note("and %d more", known - PRINTED);

    // One after another, until one answers. Browsers do not wait for
    // one try to fail before they begin the next: see *happy eyeballs*,
    // RFC 8305.
    int sock = -1;
    for (const struct addrinfo *a = list; a != NULL && sock == -1;
         a = a->ai_next)
        sock = reach(a);
    if (sock == -1)
        fail(failed);
    freeaddrinfo(list);

    // From here on a connection like any other, so its calls may wait
    // again, though not for ever.
    step("fcntl(%d, F_SETFL, 0)", sock);
    if (fcntl(sock, F_SETFL, 0) == -1)
        fail("fcntl");
    result(0, "O_NONBLOCK is off again.");
    struct timeval patience = {PATIENCE, 0};
    step("setsockopt(%d, SOL_SOCKET, SO_RCVTIMEO, {%ld, %ld}, %zu)",
         sock, (long)patience.tv_sec, (long)patience.tv_usec,
         sizeof patience);
    if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO,
                   &patience, sizeof patience) == -1)
        fail("setsockopt");
    result(0, "We shall wait %d seconds for the answer, not for ever.",
           PATIENCE);

    const char *words = "Hello from the client!\n";
    size_t sent = 0;
    while (sent < strlen(words)) {
        size_t left = strlen(words) - sent;
        step("send(%d, %s, %zu, MSG_NOSIGNAL)", sock,
             quoted(words + sent, left), left);
        ssize_t n = send(sock, words + sent, left, MSG_NOSIGNAL);
        if (n == -1)
            fail("send");
        result(n, "Our kernel took %s.", count(n, "byte"));
        sent += (size_t)n;
    }

    char line[ROOM];
    size_t got = 0;
    while (got < sizeof line && memchr(line, '\n', got) == NULL) {
        size_t room = sizeof line - got;
        step("recv(%d, line + %zu, %zu, 0)", sock, got, room);
        waits("the answer, %d seconds at most", PATIENCE);
        ssize_t n = recv(sock, line + got, room, 0);
        if (n == -1 && errno == EINTR) {
            result(n, "A signal came first. Once more.");
            continue;
        }
        if (n == -1)
            fail("recv");
        result(n, "%s", n > 0 ? "Bytes of the answer."
               : "The server has ended its side.");
        if (n == 0)
            break;
        got += (size_t)n;
    }
    received(line, got);

    step("close(%d)", sock);
    if (close(sock) == -1)
        fail("close");
    result(0, "The kernel ends the connection without us.");

    return 0;
}
