/* errors.h: what a failed call means here, and what to try.
 *
 * One table, `error_rows`: calls, errno, meaning, what to try. `fail`
 * prints from it, the handout's appendix on errors is made from it, and
 * the fault tests provoke each of its rows.
 *
 * In the texts {address}, {port} and {where} (both) stand for those
 * that the lesson works with, {words} for both as a command takes them,
 * without the usual address or 0.0.0.0; {lesson} for its name, {other}
 * for the lesson at the other end. A command stands between
 * `backquotes`, which are not printed; no line is broken inside it.
 */
#ifndef ERRORS_H
#define ERRORS_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The commands that look into the system. On Linux: ss(8), ip(8),
 * proc(5), free(1), nft(8), strace(1). */
#ifdef __linux__
#define ERRORS_WHO "`ss -tuanp 'sport = :{port}'`"
#define ERRORS_PORTS "`ss -s`"
#define ERRORS_ADDRESSES "`ip -br addr`"
#define ERRORS_INTERFACES "`ip -br link`"
#define ERRORS_ROUTE "`ip route get {address}`"
#define ERRORS_ROUTES "`ip route`"
#define ERRORS_FILES "`cat /proc/sys/fs/file-nr`"
#define ERRORS_MEMORY "`free -h`"
#define ERRORS_FIREWALL "`sudo nft list ruleset`"
#define ERRORS_TRACE "`strace -e trace=network,close ./{lesson}`"
#else
#define ERRORS_WHO "`lsof -nP -i :{port}`"
#define ERRORS_PORTS "`netstat -an -p tcp`"
#define ERRORS_ADDRESSES "`ifconfig -a`"
#define ERRORS_INTERFACES "`ifconfig -l`"
#define ERRORS_ROUTE "`route -n get {address}`"
#define ERRORS_ROUTES "`netstat -rn`"
#define ERRORS_FILES "`sysctl kern.num_files kern.maxfiles`"
#define ERRORS_MEMORY "`vm_stat`"
#define ERRORS_FIREWALL "`sudo pfctl -s rules`"
#define ERRORS_TRACE "`sudo dtruss ./{lesson}`"
#endif

struct error_row {
    const char *calls; /* one or more, separated by spaces */
    const char *meaning; /* in the situation of the lessons */
    const char *try_this;
    int error; /* 0: the call fails without an errno */
#ifdef ERRORS_FULL
    int carries_on;
    const char *name, *source;
#endif
};

/* A row: calls, errno, whether the program ends, meaning, what to try,
 * the pages that list it. ENDS: the lesson ends with exit status 1.
 * CARRIES_ON: so do the lessons 01 to 08, but a server that is meant to
 * live on (09 to 11) carries on. A lesson needs neither this nor the
 * pages; whoever defines ERRORS_FULL gets both. */
#ifdef ERRORS_FULL
enum { ERROR_ENDS, ERROR_CARRIES_ON };
#define ERROR_ROW(calls, error, then, meaning, try_this, source) \
    {calls, meaning, try_this, error, ERROR_##then, #error, source},
#else
#define ERROR_ROW(calls, error, then, meaning, try_this, source) \
    {calls, meaning, try_this, error},
#endif

/* clang-format off */
static const struct error_row error_rows[] = {

/* ---- mistakes in the arguments of any call */

ERROR_ROW("setsockopt bind listen accept connect send sendto recv"
          " recvfrom shutdown close", EBADF, ENDS,
    "the number given as descriptor belongs to nothing that is open: it"
    " was closed before, or the call that should have made it failed",
    ERRORS_TRACE " shows which number it is, and which were made",
    "POSIX, setsockopt(2), bind(2), listen(2), accept(2), connect(2),"
    " send(2), recv(2), shutdown(2), close(2)")
ERROR_ROW("setsockopt bind listen accept connect send sendto recv"
          " recvfrom shutdown", ENOTSOCK, ENDS,
    "the descriptor is open, but it is a file or a terminal and not a"
    " socket",
    ERRORS_TRACE " shows which number it is; give the one that socket"
    " or accept returned",
    "POSIX, setsockopt(2), bind(2), listen(2), accept(2), connect(2),"
    " send(2), recv(2), shutdown(2)")
ERROR_ROW("setsockopt bind accept connect send sendto recv recvfrom",
          EFAULT, ENDS,
    "a pointer among the arguments leads outside this program's memory",
    "check each pointer: it must be the address of a variable, as in"
    " &here, or an array",
    "setsockopt(2), bind(2), accept(2), connect(2), send(2), recv(2)")
ERROR_ROW("bind connect sendto", EAFNOSUPPORT, ENDS,
    "the address is of another family than the socket: for AF_INET its"
    " sin_family must be AF_INET, too",
    "set sin_family before the call, and look for a struct that was"
    " never filled",
    "POSIX, connect(2), tcp(7)")

/* ---- socket */

ERROR_ROW("socket", EACCES, ENDS,
    "this system forbids this user to make such a socket",
    "`id` shows who you are; a container or a security policy may be"
    " the cause: run it outside, or ask who looks after this computer",
    "POSIX, socket(2)")
ERROR_ROW("socket", EPERM, ENDS,
    "only root may make a socket of this kind: a raw one, which sees"
    " whole packets",
    "`sudo ./{lesson}`, or all that belongs to it in a network of your"
    " own: `unshare -Urn`, then `ip link set lo up`",
    "raw(7), packet(7)")
ERROR_ROW("socket", EAFNOSUPPORT, ENDS,
    "this kernel does not have the address family in the first"
    " argument; for IPv4 it is AF_INET",
    ERRORS_ADDRESSES " shows the addresses that this host has; inet"
    " is IPv4, inet6 is IPv6",
    "POSIX, socket(2)")
ERROR_ROW("socket", EINVAL, ENDS,
    "the kernel does not know the family or the type in the first two"
    " arguments",
    "for TCP: socket(AF_INET, SOCK_STREAM, 0), for UDP SOCK_DGRAM",
    "socket(2)")
ERROR_ROW("socket", EPROTONOSUPPORT, ENDS,
    "the protocol in the third argument does not go with the family and"
    " the type before it",
    "give 0: the usual protocol, TCP for SOCK_STREAM, UDP for"
    " SOCK_DGRAM",
    "POSIX, socket(2)")
ERROR_ROW("socket", EPROTOTYPE, ENDS,
    "the type in the second argument is not one that the protocol in"
    " the third can do",
    "SOCK_STREAM is for TCP, SOCK_DGRAM for UDP; with 0 as the third"
    " argument they always match",
    "POSIX")
#ifdef ESOCKTNOSUPPORT
ERROR_ROW("socket", ESOCKTNOSUPPORT, ENDS,
    "the family in the first argument has no sockets of the type in the"
    " second",
    "use SOCK_STREAM for TCP or SOCK_DGRAM for UDP",
    "ip(7)")
#endif
ERROR_ROW("socket", EMFILE, ENDS,
    "this process has as many descriptors open as it may, so there is"
    " no number left for a socket",
    "`ulimit -n` shows how many it may have; `ulimit -n 256` sets"
    " another limit; close what is no longer needed",
    "POSIX, socket(2)")
ERROR_ROW("accept", EMFILE, CARRIES_ON,
    "this process has as many descriptors open as it may: the caller"
    " stays in the queue, for there is no number left for its socket",
    "`ulimit -n` shows how many it may have; close the connected"
    " sockets that are done, then call accept again",
    "POSIX, accept(2)")
ERROR_ROW("socket", ENFILE, ENDS,
    "all the programs of this computer together have as many files and"
    " sockets open as the kernel allows",
    ERRORS_FILES " shows how many are open and the limit; end what is"
    " not needed",
    "POSIX, socket(2)")
ERROR_ROW("accept", ENFILE, CARRIES_ON,
    "all the programs of this computer together have as many files and"
    " sockets open as the kernel allows; the caller stays in the queue",
    ERRORS_FILES " shows how many are open and the limit; wait a"
    " little, then call accept again",
    "POSIX, accept(2)")
ERROR_ROW("socket setsockopt bind listen connect shutdown",
          ENOBUFS, ENDS,
    "the kernel has no memory left for its part of this call",
    ERRORS_MEMORY " shows what is left; end what is not needed and"
    " start this again",
    "POSIX, socket(2), ip(7)")
ERROR_ROW("socket setsockopt connect", ENOMEM, ENDS,
    "the kernel has no memory left for its part of this call",
    ERRORS_MEMORY " shows what is left; end what is not needed and"
    " start this again",
    "POSIX, socket(2), ip(7)")
ERROR_ROW("accept", ENOBUFS, CARRIES_ON,
    "the kernel has no memory left for one more connected socket",
    ERRORS_MEMORY " shows what is left; wait a little, then call accept"
    " again",
    "POSIX, accept(2), ip(7)")
ERROR_ROW("accept", ENOMEM, CARRIES_ON,
    "the kernel has no memory left for one more connected socket",
    ERRORS_MEMORY " shows what is left; wait a little, then call accept"
    " again",
    "POSIX, accept(2), ip(7)")
ERROR_ROW("send sendto", ENOBUFS, CARRIES_ON,
    "the kernel has no room to keep these bytes until the network takes"
    " them",
    "wait a little, then send them again; " ERRORS_MEMORY " shows how"
    " much memory is left",
    "POSIX, send(2), ip(7)")
ERROR_ROW("send sendto", ENOMEM, CARRIES_ON,
    "the kernel has no memory left for the bytes that it shall send",
    ERRORS_MEMORY " shows what is left; wait a little, then send them"
    " again",
    "POSIX, send(2), ip(7)")
ERROR_ROW("recv recvfrom", ENOBUFS, CARRIES_ON,
    "the kernel has no memory left for its part of this call",
    ERRORS_MEMORY " shows what is left; wait a little, then call it"
    " again",
    "POSIX, ip(7)")
ERROR_ROW("recv recvfrom", ENOMEM, CARRIES_ON,
    "the kernel has no memory left for its part of this call",
    ERRORS_MEMORY " shows what is left; wait a little, then call it"
    " again",
    "POSIX, recv(2), ip(7)")

/* ---- setsockopt */

ERROR_ROW("setsockopt", EDOM, ENDS,
    "a time limit, as for SO_RCVTIMEO, is one the kernel cannot keep:"
    " too many seconds, or microseconds that are not below 1000000",
    "give seconds and microseconds apart: {2, 500000} is two and a half"
    " seconds",
    "POSIX")
ERROR_ROW("setsockopt", EINVAL, ENDS,
    "the kernel does not take this value for the option, or the last"
    " argument is not the size of the value",
    "set one option a call, and give sizeof of the variable as the last"
    " argument",
    "POSIX, setsockopt(2)")
ERROR_ROW("setsockopt", EISCONN, ENDS,
    "the socket is connected, and this option must be set before that",
    "call setsockopt between socket and connect",
    "POSIX")
ERROR_ROW("setsockopt", ENOPROTOOPT, ENDS,
    "there is no such option at the level in the second argument",
    "SO_ options belong to SOL_SOCKET, TCP_ options to IPPROTO_TCP,"
    " IP_ options to IPPROTO_IP",
    "POSIX, setsockopt(2), ip(7)")
ERROR_ROW("setsockopt", EOPNOTSUPP, ENDS,
    "this kind of socket does not have the option",
    "see whether it is one for TCP or for UDP: `man 7 tcp`,"
    " `man 7 udp`",
    "ip(7)")
ERROR_ROW("setsockopt", EPERM, ENDS,
    "only root may set this option",
    "leave it out, or run the lesson as root: `sudo ./{lesson}`",
    "ip(7)")

/* ---- bind */

ERROR_ROW("bind", EACCES, ENDS,
    "{where} is kept for root: so are the ports below 1024",
    "take a port from 1024 up: `./{lesson} 8888`",
    "POSIX, bind(2), ip(7)")
ERROR_ROW("bind", EADDRINUSE, ENDS,
    "another socket already has {where}; with TCP it is one that"
    " listens, or one that was bound without SO_REUSEADDR",
    ERRORS_WHO " shows who; end it, or take another port:"
    " `./{lesson} 9000`",
    "POSIX, bind(2), ip(7)")
ERROR_ROW("bind", EADDRNOTAVAIL, ENDS,
    "{address} is not an address of this host, and a socket can be"
    " bound to its own host's addresses only",
    ERRORS_ADDRESSES " shows them; 127.0.0.1 is always one, 0.0.0.0"
    " stands for all",
    "POSIX, bind(2), ip(7)")
ERROR_ROW("bind", EINVAL, ENDS,
    "the socket has an address already, or the last argument is not the"
    " size of the address, or the address is one of IPv6 that begins"
    " with fe80 and is of use with an interface beside it only",
    "bind a socket once, with sizeof here as the last argument; of IPv6"
    " take an address that does not begin with fe80",
    "POSIX, bind(2)")
ERROR_ROW("bind", EISCONN, ENDS,
    "the socket is connected and so has an address already",
    "call bind before connect",
    "POSIX")

/* ---- listen */

ERROR_ROW("listen", EADDRINUSE, ENDS,
    "another socket already listens at {where}; both could be bound,"
    " thanks to SO_REUSEADDR, but only one can listen",
    ERRORS_WHO " shows who; end it, or take another port:"
    " `./{lesson} 9000`",
    "listen(2)")
ERROR_ROW("listen", EACCES, ENDS,
    "this system forbids this user to offer a service",
    "`id` shows who you are; a container or a security policy may be"
    " the cause: ask who looks after this computer",
    "POSIX")
ERROR_ROW("listen", EDESTADDRREQ, ENDS,
    "the socket has no address yet at which callers could find it",
    "call bind before listen",
    "POSIX")
ERROR_ROW("listen", EINVAL, ENDS,
    "the socket is connected or shut down, so it cannot listen",
    "make a socket of its own for listening",
    "POSIX")
ERROR_ROW("listen", EOPNOTSUPP, ENDS,
    "this socket has no connections, so it cannot listen: UDP",
    "make it with SOCK_STREAM; a UDP server calls recvfrom straight"
    " after bind",
    "POSIX, listen(2)")

/* ---- accept */

ERROR_ROW("accept", EAGAIN, CARRIES_ON,
    "nobody is waiting in the queue, and this socket is set not to wait"
    " for a caller",
    "wait with poll until the listening socket is readable, as"
    " 11_many_clients does, then call accept again",
    "POSIX, accept(2), ip(7)")
ERROR_ROW("accept", ECONNABORTED, CARRIES_ON,
    "a caller was in the queue but hung up before accept came to it",
    "call accept again, for the next caller",
    "POSIX, accept(2), ip(7)")
ERROR_ROW("accept", EINTR, CARRIES_ON,
    "a signal came while the call waited for a caller, and the"
    " program's handler returned; the lessons 01 to 08 install none, so"
    " a debugger or tracer may be at work",
    "call accept again: nothing is lost",
    "POSIX, accept(2)")
ERROR_ROW("accept", EINVAL, ENDS,
    "this socket does not listen, so nobody can be in its queue",
    "call listen before accept",
    "POSIX, accept(2)")
ERROR_ROW("accept", EOPNOTSUPP, CARRIES_ON,
    "a waiting caller's connection met an operation that its network"
    " does not do; that caller is lost. Or this is a UDP socket, which"
    " has no callers",
    "call accept again, for the next caller; a UDP server calls"
    " recvfrom straight after bind",
    "POSIX, accept(2)")
ERROR_ROW("accept", EPERM, CARRIES_ON,
    "a rule of this host's firewall forbids the connection",
    ERRORS_FIREWALL " shows the rules; call accept again, for the next"
    " caller",
    "accept(2)")
ERROR_ROW("accept", EPROTO, CARRIES_ON,
    "the connection broke the rules of its protocol and is gone",
    "call accept again, for the next caller",
    "POSIX, accept(2)")
ERROR_ROW("accept", ENETDOWN, CARRIES_ON,
    "the network of a waiting caller is down; that caller is lost",
    ERRORS_INTERFACES " shows which interfaces are up; call accept"
    " again, for the next caller",
    "accept(2)")
ERROR_ROW("accept", ENETUNREACH, CARRIES_ON,
    "this host has no route any more to a caller that waited; it is"
    " lost",
    ERRORS_ROUTES " shows the routes; call accept again, for the next"
    " caller",
    "accept(2)")
ERROR_ROW("accept", EHOSTUNREACH, CARRIES_ON,
    "a router says that the host of a waiting caller cannot be reached;"
    " that caller is lost",
    "call accept again, for the next caller",
    "accept(2)")
#ifdef EHOSTDOWN
ERROR_ROW("accept", EHOSTDOWN, CARRIES_ON,
    "the host of a waiting caller is down; that caller is lost",
    "call accept again, for the next caller",
    "accept(2)")
#endif
#ifdef ENONET
ERROR_ROW("accept", ENONET, CARRIES_ON,
    "the host of a waiting caller is on no network any more; that"
    " caller is lost",
    "call accept again, for the next caller",
    "accept(2)")
#endif
ERROR_ROW("accept", ENOPROTOOPT, CARRIES_ON,
    "the host of a waiting caller says that it does not do this"
    " protocol; that caller is lost",
    "call accept again, for the next caller",
    "accept(2)")
ERROR_ROW("accept", ETIMEDOUT, CARRIES_ON,
    "a waiting caller has not been heard of for too long; it is lost",
    "call accept again, for the next caller",
    "accept(2)")

/* ---- connect */

ERROR_ROW("connect", ECONNREFUSED, ENDS,
    "the host {address} is there and answered at once: nothing listens"
    " at its port {port}, or a firewall says so",
    "start the server first, in another terminal: `./{other} {words}`"
    " (port 0 is no server's)",
    "POSIX, connect(2)")
ERROR_ROW("connect", ETIMEDOUT, ENDS,
    "nothing at all came back from {where}, after several tries: the"
    " host is off, or a firewall drops what we send",
    "`ping -c 3 {address}` shows whether the host answers; then look at"
    " its firewall",
    "POSIX, connect(2)")
ERROR_ROW("connect", ENETUNREACH, ENDS,
    "our own kernel has no route to {address}, or this address stands"
    " for several hosts (broadcast, multicast), whom TCP cannot call;"
    " nothing was sent",
    ERRORS_ROUTE " asks for the route; " ERRORS_ADDRESSES " shows"
    " whether this host is on a network",
    "POSIX, connect(2)")
ERROR_ROW("connect", EHOSTUNREACH, ENDS,
    "there is a route, but nobody could deliver to {address}: the last"
    " router, or our own kernel, found no such host on its network",
    "`ping -c 3 {address}`; check the number, and that both are on the"
    " same network",
    "POSIX, ip(7)")
ERROR_ROW("connect", ENETDOWN, ENDS,
    "the network interface that leads to {address} is switched off",
    ERRORS_INTERFACES " shows which interfaces are up",
    "POSIX")
ERROR_ROW("connect", ECONNRESET, ENDS,
    "{where} began the handshake and broke it off",
    "look at the server's terminal; it may have ended just then, so"
    " start it again: `./{other} {words}`",
    "POSIX")
ERROR_ROW("connect", EACCES, ENDS,
    "this host does not let the call out: {address} is a broadcast"
    " address, or a route or a security policy forbids it",
    "give the address of one host; " ERRORS_ROUTE " shows what the"
    " kernel thinks of this one",
    "POSIX, connect(2), ip(7)")
ERROR_ROW("connect", EPERM, ENDS,
    "a rule of this host's own firewall forbids to call {where}",
    ERRORS_FIREWALL " shows the rules",
    "connect(2)")
ERROR_ROW("connect", EADDRINUSE, ENDS,
    "our end's own port is in use for just this peer; only a client"
    " that calls bind can meet this",
    "leave bind out, so that the kernel chooses a port",
    "POSIX, connect(2)")
ERROR_ROW("connect", EADDRNOTAVAIL, ENDS,
    "the kernel has no free port left for our end, or {where} is not an"
    " address that can be called",
    ERRORS_PORTS " shows how many sockets there are; wait a minute for"
    " those in TIME-WAIT",
    "POSIX, connect(2), ip(7)")
ERROR_ROW("connect", EALREADY, ENDS,
    "an earlier connect of this socket, which is set not to wait, is"
    " still under way",
    "wait with poll until the socket is writable, then ask for its"
    " SO_ERROR",
    "POSIX, connect(2), ip(7)")
ERROR_ROW("connect", EINPROGRESS, ENDS,
    "the handshake has begun, and this socket is set not to wait for"
    " its end",
    "wait with poll until the socket is writable, then ask for its"
    " SO_ERROR: 0 means connected",
    "POSIX, connect(2)")
ERROR_ROW("connect", EINTR, ENDS,
    "a signal came while the call waited, and the program's handler"
    " returned; the handshake goes on without us. The lessons 01 to 08"
    " install no handler, so a debugger or tracer may be at work",
    "start the lesson again; a program with handlers waits with poll"
    " here, then asks for SO_ERROR",
    "POSIX, connect(2)")
ERROR_ROW("connect", EINVAL, ENDS,
    "the last argument is not the size of the address, or the address"
    " is one that nobody can have, or one of IPv6 that begins with fe80"
    " and is of use with an interface beside it only",
    "give sizeof peer as the last argument, and check the address; of"
    " IPv6 take one that does not begin with fe80",
    "POSIX, ip(7)")
ERROR_ROW("connect", EISCONN, ENDS,
    "this socket is connected already; a socket connects once",
    "make a new socket for each connection",
    "POSIX, connect(2), ip(7)")
ERROR_ROW("connect", EOPNOTSUPP, ENDS,
    "this socket listens, so it cannot call",
    "make a socket of its own for calling",
    "POSIX")

/* ---- send, sendto */

ERROR_ROW("send", EPIPE, CARRIES_ON,
    "this connection no longer takes bytes: the peer has reset it, or"
    " our own side is shut down",
    "see in the peer's terminal why it left, then start both again",
    "POSIX, send(2), ip(7), tcp(7)")
ERROR_ROW("sendto", EPIPE, ENDS,
    "this socket has been shut down for sending",
    "send before shutdown, or make a new socket",
    "POSIX, send(2), ip(7)")
ERROR_ROW("send", ECONNRESET, CARRIES_ON,
    "the peer broke the connection off with a reset: its program ended,"
    " or it closed before it had read all",
    "see in the peer's terminal why it left, then start both again",
    "POSIX, send(2)")
ERROR_ROW("recv", ECONNRESET, CARRIES_ON,
    "the peer broke the connection off with a reset: its program ended,"
    " or it closed before it had read all. Bytes from it may be lost",
    "see in the peer's terminal why it left, then start both again",
    "POSIX")
ERROR_ROW("send recv", ETIMEDOUT, CARRIES_ON,
    "the peer's host has answered nothing for a long time, so our"
    " kernel gave the connection up",
    "see whether the peer's host is still on and on the network; start"
    " both again",
    "POSIX, tcp(7)")
ERROR_ROW("send", EAGAIN, CARRIES_ON,
    "our kernel's buffer is full, because the peer does not read, and"
    " this socket is set not to wait",
    "wait with poll until the socket is writable, as 11_many_clients"
    " does, then send the rest",
    "POSIX, send(2), ip(7)")
ERROR_ROW("sendto", EAGAIN, ENDS,
    "the datagram would have to wait and this socket is set not to, or"
    " the kernel has no free port left for our end",
    ERRORS_PORTS " shows how many sockets there are; wait a little,"
    " then send it again",
    "POSIX, send(2), ip(7)")
ERROR_ROW("send sendto", EINTR, CARRIES_ON,
    "a signal came before any byte was taken, and the program's handler"
    " returned; the lessons 01 to 08 install none, so a debugger or"
    " tracer may be at work",
    "call it again: nothing was sent",
    "POSIX, send(2)")
ERROR_ROW("send sendto", EACCES, ENDS,
    "the kernel refuses to send there: it is a broadcast address, which"
    " needs the option SO_BROADCAST, or a route forbids it",
    "give the address of one host; " ERRORS_ROUTES " shows the routes",
    "POSIX, send(2), ip(7)")
ERROR_ROW("send sendto", EDESTADDRREQ, ENDS,
    "the socket has no peer, so the kernel does not know whom this is"
    " for",
    "name the peer in sendto, or call connect first",
    "POSIX, send(2)")
ERROR_ROW("send", EINVAL, ENDS,
    "an argument has a value that this call does not take",
    "check the flags: MSG_NOSIGNAL is all that the lessons need",
    "send(2), ip(7)")
ERROR_ROW("sendto", EINVAL, ENDS,
    "the destination is not one: port 0 belongs to nobody, a size that"
    " is not that of the address is a mistake",
    "give the receiver's port, 1 to 65535, as in `./{lesson} 8888`, and"
    " sizeof peer as the last argument",
    "POSIX, send(2), ip(7)")
ERROR_ROW("sendto", EISCONN, ENDS,
    "this socket is connected, so its peer must not be named again",
    "use send on a connected socket",
    "POSIX, send(2)")
ERROR_ROW("sendto", EMSGSIZE, ENDS,
    "the datagram is too long: it goes whole or not at all, and 65507"
    " bytes is the most that IPv4 lets UDP carry",
    "send less at a time, or use TCP, which has no such limit",
    "POSIX, send(2), ip(7)")
ERROR_ROW("send sendto recv recvfrom", ENOTCONN, ENDS,
    "this is a TCP socket without a connection",
    "a client calls connect first; a server uses the descriptor that"
    " accept returned, not the listening socket",
    "POSIX, send(2), recv(2), ip(7)")
ERROR_ROW("send sendto", EOPNOTSUPP, ENDS,
    "this kind of socket does not know one of the flags",
    "give 0, or MSG_NOSIGNAL with TCP",
    "POSIX, send(2)")
ERROR_ROW("send sendto", ENETDOWN, CARRIES_ON,
    "the network interface that leads to the peer is switched off",
    ERRORS_INTERFACES " shows which interfaces are up",
    "POSIX")
ERROR_ROW("send sendto", ENETUNREACH, CARRIES_ON,
    "our own kernel has no route to the peer, so nothing was sent",
    ERRORS_ROUTES " shows the routes, " ERRORS_ADDRESSES " whether this"
    " host is on a network",
    "POSIX")
ERROR_ROW("send sendto recv recvfrom", EHOSTUNREACH, CARRIES_ON,
    "there is a route, but nobody could deliver to the peer: the last"
    " router, or our own kernel, found no such host on its network",
    "check the address, and that both hosts are on the same network",
    "POSIX, ip(7)")
ERROR_ROW("send sendto recv recvfrom", ECONNREFUSED, CARRIES_ON,
    "the peer's host answered an earlier datagram: nobody has a socket"
    " at that port",
    "start the receiver first, in another terminal:"
    " `./{other} {words}`",
    "recv(2), udp(7)")

/* ---- recv, recvfrom */

ERROR_ROW("recv", EAGAIN, CARRIES_ON,
    "no bytes have come, and this socket is set not to wait, or not for"
    " so long",
    "wait with poll until the socket is readable, as 11_many_clients"
    " does, then call recv again",
    "POSIX, recv(2), ip(7)")
ERROR_ROW("recvfrom", EAGAIN, ENDS,
    "no datagram came in the time that SO_RCVTIMEO allows. Nobody may"
    " be there, or the question or its answer was lost: UDP does not"
    " say",
    "see that `./{other} {words}` runs in another terminal, then start"
    " this again: `./{lesson} {words}`",
    "POSIX, recv(2), ip(7)")
ERROR_ROW("recv", EINTR, CARRIES_ON,
    "a signal came while the call waited, and the program's handler"
    " returned. Stopping a program that waits with a time limit"
    " (Ctrl-Z, then fg) does the same without a handler",
    "call recv again: nothing is lost",
    "POSIX, recv(2), signal(7)")
ERROR_ROW("recvfrom", EINTR, ENDS,
    "a signal came while the call waited. The lessons 01 to 08 install"
    " no handler, but stopping a program that waits with a time limit"
    " (Ctrl-Z, then fg) does the same",
    "call recvfrom again, or start the lesson again: `./{lesson}"
    " {words}`",
    "POSIX, recv(2), signal(7)")
ERROR_ROW("recvfrom", ENETDOWN, ENDS,
    "the network interface that we look at is switched off or gone",
    ERRORS_INTERFACES " shows which interfaces are up",
    "packet(7)")
ERROR_ROW("recv recvfrom", EINVAL, ENDS,
    "an argument has a value that this call does not take: a size below"
    " 0, or MSG_OOB where there is no urgent byte",
    "give 0 as the flags, and check the sizes",
    "POSIX, recv(2)")
ERROR_ROW("recv recvfrom", EOPNOTSUPP, ENDS,
    "this kind of socket does not know one of the flags",
    "give 0 as the flags",
    "POSIX")

/* ---- shutdown, close */

ERROR_ROW("shutdown", EINVAL, ENDS,
    "the second argument is none of the three ways to shut down",
    "give SHUT_RD, SHUT_WR or SHUT_RDWR; for the half-close it is"
    " SHUT_WR",
    "POSIX, shutdown(2)")
ERROR_ROW("shutdown", ENOTCONN, CARRIES_ON,
    "there is no connection left to shut down: the peer has reset it,"
    " or there never was one",
    "see in the peer's terminal why it left, then start both again",
    "POSIX, shutdown(2), ip(7)")
ERROR_ROW("close", EINTR, ENDS,
    "a signal came during close. On Linux the descriptor is closed all"
    " the same; POSIX leaves that open",
    "do not close it again: its number may belong to another socket by"
    " now. Start the lesson again",
    "POSIX, close(2)")

/* ---- inet_pton, which every lesson but 01 uses */

ERROR_ROW("inet_pton", EAFNOSUPPORT, ENDS,
    "the first argument is not a family of addresses that inet_pton"
    " knows",
    "give AF_INET for IPv4",
    "POSIX")
ERROR_ROW("inet_pton", 0, ENDS,
    "the text is not an IPv4 address: four numbers from 0 to 255 with a"
    " dot between each two",
    "`./{lesson} 127.0.0.1 {port}`",
    "POSIX")
};
/* clang-format on */

#ifdef ERRORS_FULL
/* What the pages list for these calls and no lesson can meet: calls,
 * errno, and why there is no row. */
static const struct error_skipped {
    const char *calls, *name, *reason;
} error_skipped[] = {
#define ERROR_SKIPPED(calls, error, reason) {calls, #error, reason},
    /* clang-format off */
ERROR_SKIPPED("bind connect sendto", ELOOP,
    "an AF_UNIX socket's address is a path; an AF_INET one's is not")
ERROR_SKIPPED("bind connect sendto", ENAMETOOLONG,
    "an AF_UNIX socket's address is a path; an AF_INET one's is not")
ERROR_SKIPPED("bind connect sendto", ENOENT,
    "an AF_UNIX socket's address is a path; an AF_INET one's is not")
ERROR_SKIPPED("bind connect sendto", ENOTDIR,
    "an AF_UNIX socket's address is a path; an AF_INET one's is not")
ERROR_SKIPPED("bind connect", EIO,
    "an AF_UNIX socket's address is a path; an AF_INET one's is not")
ERROR_SKIPPED("bind", EDESTADDRREQ,
    "an AF_UNIX socket's address is a path; an AF_INET one's is not")
ERROR_SKIPPED("bind", EISDIR,
    "an AF_UNIX socket's address is a path; an AF_INET one's is not")
ERROR_SKIPPED("bind", EROFS,
    "an AF_UNIX socket's address is a path; an AF_INET one's is not")
ERROR_SKIPPED("bind", ENOMEM,
    "bind(2) lists it for AF_UNIX; for AF_INET POSIX has ENOBUFS")
ERROR_SKIPPED("bind", EALREADY,
    "no system gives an IPv4 socket its address in the background")
ERROR_SKIPPED("bind", EINPROGRESS,
    "no system gives an IPv4 socket its address in the background")
ERROR_SKIPPED("bind", EOPNOTSUPP,
    "every type of AF_INET socket can be bound")
ERROR_SKIPPED("connect", EAGAIN,
    "for AF_UNIX, and for a routing cache that Linux no longer has")
ERROR_SKIPPED("connect", EPROTOTYPE,
    "the peer's type cannot be known beforehand but with AF_UNIX")
ERROR_SKIPPED("send", EALREADY,
    "it is for TCP Fast Open, which no lesson uses")
ERROR_SKIPPED("sendto", EALREADY,
    "it is for TCP Fast Open, which no lesson uses")
ERROR_SKIPPED("send sendto recv recvfrom", EIO,
    "it is for the files behind an AF_UNIX socket's path")
ERROR_SKIPPED("send", EISCONN,
    "send names no peer, so it cannot name one too many")
ERROR_SKIPPED("send", EMSGSIZE,
    "TCP cuts its stream into segments; no send is too long")
ERROR_SKIPPED("sendto recvfrom", ECONNRESET,
    "the lessons use it with UDP, which has no connection to reset")
ERROR_SKIPPED("recvfrom", ETIMEDOUT,
    "the lessons use it with UDP, which waits for no acknowledgement")
ERROR_SKIPPED("recv", EPIPE,
    "tcp(7) lists it for reading, but recv returns 0 then")
ERROR_SKIPPED("accept", ENOSR,
    "it is for STREAMS, which Linux and macOS do not have")
ERROR_SKIPPED("accept", ESOCKTNOSUPPORT,
    "accept takes the type of the listening socket; old kernels only")
ERROR_SKIPPED("accept", EPROTONOSUPPORT,
    "accept takes the listening socket's protocol; old kernels only")
ERROR_SKIPPED("socket", ENOPKG,
    "it is for SOCK_PACKET, which packet sockets have replaced")
ERROR_SKIPPED("close", EIO, "it is for files, not for sockets")
ERROR_SKIPPED("close", ENOSPC, "it is for files on a network disk")
ERROR_SKIPPED("close", EDQUOT, "it is for files on a network disk")
    /* clang-format on */
};
#endif

/* The name of an errno: all that POSIX.1-2008 has, and those of the
 * system at hand. Of two names for one number the first counts. */
static inline const char *error_name(int error)
{
#define N(error) {error, #error},
    /* clang-format off */
    static const struct { int error; const char *name; } names[] = {
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
    };
    /* clang-format on */
#undef N

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].error == error)
            return names[i].name;
    return "an unknown errno";
}

/* Is `call` one of the words of `calls`? */
static inline int error_names_call(const char *calls, const char *call)
{
    size_t length = strlen(call);

    for (const char *word = calls; *word != '\0';) {
        size_t size = strcspn(word, " ");

        if (size == length && memcmp(word, call, size) == 0)
            return 1;
        word += size + strspn(word + size, " ");
    }
    return 0;
}

/* The row of a call and an errno, or NULL. A call that fails without an
 * errno leaves an old one there, which then does not count. */
static inline const struct error_row *error_row(const char *call,
                                                int error)
{
    for (size_t i = 0; i < sizeof error_rows / sizeof *error_rows; i++)
        if ((error_rows[i].error == error || error_rows[i].error == 0)
            && error_names_call(error_rows[i].calls, call))
            return &error_rows[i];
    return NULL;
}

/* What the texts of the table speak of: names of lessons, the address
 * and the port in use. */
struct error_place {
    const char *lesson, *other, *address;
    unsigned port;
};

/* Writes a text of the table into `out`, of `room` bytes, with the
 * lesson's own values in it and without backquotes. A space between
 * two backquotes becomes \b: no line is broken there. */
static inline void error_fill(char *out, size_t room, const char *text,
                              const struct error_place *place)
{
    char port[8], where[80], words[80];
    const char *const values[][2] = {
        {"{lesson}", place->lesson},
        {"{other}", place->other},
        {"{address}", place->address},
        {"{port}", port},
        {"{where}", where},
        {"{words}", words},
        {"`", ""},
    };
    enum { VALUES = sizeof values / sizeof *values };
    char space = ' ';

    snprintf(port, sizeof port, "%u", place->port);
    snprintf(where, sizeof where,
             strchr(place->address, ':') ? "[%s]:%u" : "%s:%u",
             place->address, place->port);
    if (strspn(place->address, "0123456789abcdefABCDEF.:")
            < strlen(place->address)
        || strcmp(place->address, "127.0.0.1") == 0
        || strcmp(place->address, "0.0.0.0") == 0)
        snprintf(words, sizeof words, "%s", port);
    else
        snprintf(words, sizeof words, "%.60s %s", place->address, port);
    while (*text != '\0' && room > 100) {
        size_t i = 0, size = 1;

        while (i < VALUES
               && strncmp(text, values[i][0], strlen(values[i][0])))
            i++;
        if (*text == '`')
            space = space == ' ' ? '\b' : ' ';
        if (i < VALUES)
            size = (size_t)snprintf(out, 80, "%.79s", values[i][1]);
        else
            *out = *text == ' ' ? space : *text;
        text += i < VALUES ? strlen(values[i][0]) : 1;
        out += size;
        room -= size;
    }
    *out = '\0';
}

/* Prints a text of the table as lines of at most 70 columns: `first`
 * begins the first, `end` follows the last, the others are indented. */
static inline void error_print(FILE *out, const char *first,
                               const char *text, const char *end,
                               const struct error_place *place)
{
    char all[1200];
    size_t used = (size_t)snprintf(all, 40, "%s", first);

    error_fill(all + used, sizeof all - 40, text, place);
    strcat(all, end);
    for (char *line = all, *next = all; *line != '\0'; line = next) {
        int size = (int)strlen(line), room = line == all ? 70 : 64;

        if (size > room)
            for (size = room; size > 0 && line[size] != ' ';)
                size--;
        if (size == 0)
            size = (int)strcspn(line, " ");
        next = line + size + strspn(line + size, " ");
        for (char *s = line; s < line + size; s++)
            *s = *s == '\b' ? ' ' : *s;
        fprintf(out, "%*s%.*s\n", line == all ? 0 : 6, "", size, line);
    }
}

/* Prints what is to be said of a failed call: the errno by name and in
 * the system's words, what it means here, what to try. */
static inline void error_explain(FILE *out, const char *call, int error,
                                 const struct error_place *place)
{
    const struct error_row *row = error_row(call, error);

    if (row != NULL && row->error == 0)
        fprintf(out, "%s: %s: failed, without an errno\n",
                place->lesson, call);
    else
        fprintf(out, "%s: %s: %s (%s)\n", place->lesson, call,
                error_name(error), strerror(error));
    if (row != NULL) {
        error_print(out, "    That means: ", row->meaning, ".", place);
        error_print(out, "    Try: ", row->try_this, "", place);
    } else { /* section 2: system calls, 3: library functions */
        fprintf(out,
                "    That means: the lessons do not expect this of"
                " %s.\n    Try: man %d %s\n",
                call,
                error_names_call("fwrite fflush getifaddrs inet_pton",
                                 call)
                    ? 3
                    : 2,
                call);
    }
}

#endif
