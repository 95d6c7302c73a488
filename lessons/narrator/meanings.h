/* meanings.h: what a failed call means, and what to try. The texts and
 * their marks are explained in errors.h, which includes this table. */
#ifndef NARRATE_MEANINGS_H
#define NARRATE_MEANINGS_H

/* Texts that several rows share. */
#define NARRATE_SENDS "send sendto sendmsg"
#define NARRATE_RECVS "recv recvfrom recvmsg"
#define NARRATE_SET_FAMILY \
    "set sin_family before the call, to the family that socket was" \
    " given: AF_INET"
#define NARRATE_MANY \
    "this process has as many descriptors open as it may have"
#define NARRATE_ALL_MANY \
    "all programs on this computer together have as many files and" \
    " sockets open as the kernel allows"
#define NARRATE_NO_MEMORY "the kernel has no memory left for this call"
#define NARRATE_MORE_MEMORY \
    NARRATE_MEMORY \
    " shows what is left; end other programs, or wait a little, then" \
    " try again"
#define NARRATE_ASK_ADMIN \
    "`id` shows who you are. A container or a security policy may" \
    " forbid it: ask whoever looks after this computer"
#define NARRATE_USUAL_PROTOCOL \
    "give 0, the usual one: TCP for SOCK_STREAM, UDP for SOCK_DGRAM"
#define NARRATE_OTHER_PORT \
    NARRATE_WHO " shows which; end that program, or take another port" \
                "[: `./{lesson} 9000`]"
#define NARRATE_FE80 \
    "an IPv6 address that begins with fe80, which needs an interface" \
    " as well"
#define NARRATE_NEXT "call accept again for the next caller"
#define NARRATE_RESTART \
    "look in the peer's terminal for the reason, then try again"

/* clang-format off */
static const struct narrate_error narrate_errors[] = {

/* ---- mistakes in the arguments of any call */

{"setsockopt getsockopt bind listen accept connect " NARRATE_SENDS " "
 NARRATE_RECVS " shutdown close fcntl", EBADF,
 "no open descriptor has this number: it was closed before, or the call"
 " that should have made it failed",
 NARRATE_TRACE " shows each descriptor that was made and closed"},
{"setsockopt getsockopt bind listen accept connect " NARRATE_SENDS " "
 NARRATE_RECVS " shutdown", ENOTSOCK,
 "the descriptor is open, but it is not a socket: perhaps a file or the"
 " terminal",
 "give the descriptor that socket or accept returned; " NARRATE_TRACE
 " shows which number the call got"},
{"setsockopt getsockopt bind accept connect " NARRATE_SENDS " "
 NARRATE_RECVS " poll pipe", EFAULT,
 "a pointer among the arguments leads outside this program's memory",
 "check each pointer: it must be the address of a variable, as in"
 " &here, or an array"},
{"bind", EAFNOSUPPORT,
 "the family in the address is not the socket's. It is 0 (AF_UNSPEC)"
 " if sin_family was never set",
 NARRATE_SET_FAMILY},
{"connect sendto sendmsg", EAFNOSUPPORT,
 "the family in the address is not the socket's", NARRATE_SET_FAMILY},

/* ---- descriptors and memory */

{"socket pipe fcntl", EMFILE,
 NARRATE_MANY, "`ulimit -n` shows how many that is; close each"
 " descriptor as soon as you are done with it"},
{"accept", EMFILE,
 NARRATE_MANY ". The caller stays in the queue, because no number is"
 " free for its socket",
 "`ulimit -n` shows how many that is; close the connected sockets that"
 " are done, then call accept again"},
{"socket pipe", ENFILE,
 NARRATE_ALL_MANY,
 NARRATE_FILES " shows how many are open, and the limit; end programs"
 " that you do not need"},
{"accept", ENFILE,
 NARRATE_ALL_MANY ". The caller stays in the queue",
 NARRATE_FILES " shows how many are open, and the limit; wait a little,"
 " then call accept again"},
{"socket setsockopt getsockopt bind listen accept connect shutdown"
 " " NARRATE_SENDS " " NARRATE_RECVS, ENOBUFS,
 NARRATE_NO_MEMORY, NARRATE_MORE_MEMORY},
{"socket setsockopt accept connect poll fork " NARRATE_SENDS " "
 NARRATE_RECVS, ENOMEM,
 NARRATE_NO_MEMORY, NARRATE_MORE_MEMORY},
{"fork", EAGAIN,
 "this user, or the whole system, may have no more processes",
 "`ulimit -u` shows how many this user may have; end some of them"},
{"poll", EAGAIN,
 NARRATE_NO_MEMORY, NARRATE_MORE_MEMORY},
{"accept poll " NARRATE_SENDS " " NARRATE_RECVS, EINTR,
 "a signal interrupted the call before it had done anything: a handler"
 " ran, or Ctrl-Z stopped the program in a call that has a time limit",
 "nothing is lost: make the call again, or start the program again"},

/* ---- socket */

{"socket", EACCES,
 "this system does not let this user make such a socket",
 NARRATE_ASK_ADMIN},
{"socket", EPERM,
 "only root may make a raw socket, which sees whole packets",
 "run it as root[: `sudo ./{lesson}`], or in a network of your own:"
 " `unshare -Urn`, then `ip link set lo up`"},
{"socket", EAFNOSUPPORT,
 "this kernel does not have the address family in the first argument;"
 " IPv4 is AF_INET",
 NARRATE_ADDRESSES " shows this host's addresses: inet is IPv4, inet6"
 " is IPv6"},
{"socket", EINVAL,
 "the kernel does not know the type or the protocol: the second or the"
 " third argument",
 "for TCP, socket(AF_INET, SOCK_STREAM, 0); for UDP, SOCK_DGRAM"},
{"socket", EPROTONOSUPPORT,
 "the protocol in the third argument does not go with the family and"
 " the type before it",
 NARRATE_USUAL_PROTOCOL},
{"socket", EPROTOTYPE,
 "the protocol in the third argument has no sockets of the type in the"
 " second",
 NARRATE_USUAL_PROTOCOL},
#ifdef ESOCKTNOSUPPORT
{"socket", ESOCKTNOSUPPORT,
 "the address family has no sockets of the type in the second argument",
 "use SOCK_STREAM for TCP, or SOCK_DGRAM for UDP"},
#endif

/* ---- setsockopt, getsockopt */

{"setsockopt", EDOM,
 "the kernel cannot keep this time limit: the seconds are too many, or"
 " the microseconds are not below 1000000",
 "give seconds and microseconds apart: {2, 500000} is two and a half"
 " seconds"},
{"setsockopt", EINVAL,
 "the option does not take this value, or the last argument is not the"
 " size of the value",
 "set one option per call, and give sizeof the variable as the last"
 " argument"},
{"getsockopt", EINVAL,
 "the option has no value to read, or the length that you gave is not"
 " the size of the variable",
 "set the length to sizeof the variable before each call"},
{"setsockopt", EISCONN,
 "the socket is connected, and this option must be set before that",
 "call setsockopt between socket and connect"},
{"setsockopt getsockopt", ENOPROTOOPT,
 "this socket has no such option at the level in the second argument",
 "SO_ options belong to SOL_SOCKET, TCP_ options to IPPROTO_TCP, IP_"
 " options to IPPROTO_IP"},
{"setsockopt", EOPNOTSUPP,
 "this kind of socket does not have the option",
 "see whether it is one for TCP or for UDP: `man 7 tcp`, `man 7 udp`"},
{"setsockopt", EPERM,
 "only root may set this option",
 "leave it out, or run the program as root[: `sudo ./{lesson}`]"},

/* ---- bind */

{"bind", EACCES,
 "only root may use {where}: the ports below 1024 are reserved",
 "take a port from 1024 up[: `./{lesson} 8888`]"},
{"bind", EADDRINUSE,
 "another socket already uses {where}. With TCP, it listens there, or"
 " SO_REUSEADDR is missing: without that option even a connection in"
 " TIME-WAIT blocks the port",
 NARRATE_OTHER_PORT},
{"bind", EADDRNOTAVAIL,
 "{address} does not belong to this host, and a socket can only be"
 " bound to an address that does",
 NARRATE_ADDRESSES " shows them; 127.0.0.1 is always one, and 0.0.0.0"
 " stands for all"},
{"bind", EINVAL,
 "the socket has an address already, or the last argument is not the"
 " size of the address, or it is " NARRATE_FE80,
 "bind a socket only once, with sizeof the address as the last"
 " argument; of IPv6, take an address that does not begin with fe80"},
{"bind", EISCONN,
 "the socket is connected, so it has an address already",
 "call bind before connect"},

/* ---- listen */

{"listen", EADDRINUSE,
 "another socket already listens at {where}. SO_REUSEADDR let both be"
 " bound, but only one can listen",
 NARRATE_OTHER_PORT},
{"listen", EACCES,
 "this system does not let this user offer a service",
 NARRATE_ASK_ADMIN},
{"listen", EDESTADDRREQ,
 "the socket has no address yet at which a client could find it",
 "call bind before listen"},
{"listen", EINVAL,
 "the socket is connected or shut down, so it cannot listen",
 "make a separate socket for listening"},
{"listen", EOPNOTSUPP,
 "this kind of socket cannot listen: UDP, for one, has no connections",
 "make it with SOCK_STREAM; a UDP server calls recvfrom right after"
 " bind"},

/* ---- accept */

{"accept", EAGAIN,
 "no caller came within the time limit that SO_RCVTIMEO sets[{handout},"
 " or the socket is non-blocking and no caller is in the queue]",
 "call accept again, or set a longer limit"},
{"accept", ECONNABORTED,
 "a caller hung up before accept took it from the queue", NARRATE_NEXT},
{"accept", EINVAL,
 "this socket does not listen, so it has no queue of callers. Or the"
 " length of the address was never set",
 "call listen before accept, and set the length to sizeof the address"},
{"accept", EOPNOTSUPP,
 "this socket has no callers, as with UDP, or the waiting caller's"
 " connection failed in its network",
 NARRATE_NEXT "; a UDP server calls recvfrom right after bind"},
{"accept", EPERM,
 "a firewall rule of this host forbids the connection",
 NARRATE_FIREWALL " shows the rules; " NARRATE_NEXT},
{"accept", EPROTO,
 "the waiting caller is lost: its connection broke TCP's rules",
 NARRATE_NEXT},
{"accept", ENETDOWN,
 "the waiting caller is lost: its network is down",
 NARRATE_INTERFACES " shows which interfaces are up; " NARRATE_NEXT},
{"accept", ENETUNREACH,
 "the waiting caller is lost: this host no longer has a route to it",
 NARRATE_ROUTES " shows the routes; " NARRATE_NEXT},
{"accept", EHOSTUNREACH,
 "the waiting caller is lost: a router cannot reach its host",
 NARRATE_NEXT},
#ifdef EHOSTDOWN
{"accept", EHOSTDOWN,
 "the waiting caller is lost: its host is down", NARRATE_NEXT},
#endif
#ifdef ENONET
{"accept", ENONET,
 "the waiting caller is lost: its host is no longer on a network",
 NARRATE_NEXT},
#endif
{"accept", ENOPROTOOPT,
 "the waiting caller is lost: its host does not do this protocol",
 NARRATE_NEXT},
{"accept", ETIMEDOUT,
 "the waiting caller is lost: its host has not answered for too long",
 NARRATE_NEXT},

/* ---- connect */

{"connect", ECONNREFUSED,
 "nothing listens at {where}: the host is there, and answered at once."
 " Or a firewall refuses the connection",
 "start the server first[, in another terminal: `./{other} {words}`]."
 " If it runs already, check that it has called listen, and at which"
 " port (never 0)"},
{"connect", ETIMEDOUT,
 "nothing came back from {where}, after several tries: the host is off,"
 " or a firewall drops what we send",
 "`ping -c 3 {address}` shows whether the host answers; if it does,"
 " look at its firewall"},
{"connect", ENETUNREACH,
 "this host has no route to {address}, or the address stands for"
 " several hosts (broadcast, multicast), which TCP cannot call. Nothing"
 " was sent",
 NARRATE_ROUTE " asks for the route; " NARRATE_ADDRESSES " shows"
 " whether this host is on a network"},
{"connect", EHOSTUNREACH,
 "nobody could deliver to {address}: no host on its network has this"
 " address, or a router or a firewall refused",
 "`ping -c 3 {address}`: if the host answers, a firewall refuses the"
 " connection; if not, check the address, and whether both hosts are on"
 " the same network"},
{"connect", ENETDOWN,
 "the network interface that leads to {address} is switched off",
 NARRATE_INTERFACES " shows which interfaces are up"},
{"connect", ECONNRESET,
 "the handshake with {where} began, and the other side broke it off",
 "look at the server's terminal: if it has ended, start it again"
 "[: `./{other} {words}`]"},
{"connect", EACCES,
 "this host does not let the call out: {address} is a broadcast"
 " address, or a route or a security policy forbids it",
 "give the address of one host; " NARRATE_ROUTE " shows how the kernel"
 " would reach this one"},
{"connect", EPERM,
 "a firewall rule of this host forbids the call to {where}",
 NARRATE_FIREWALL " shows the rules"},
{"connect", EADDRINUSE,
 "our own port is in use for this very peer; only a client that calls"
 " bind meets this",
 "leave bind out: the kernel then chooses a free port"},
{"connect", EADDRNOTAVAIL,
 "the kernel has no free port left for our end, or {where} cannot be"
 " called",
 NARRATE_PORTS " shows how many sockets there are; wait a minute for"
 " those in TIME-WAIT"},
{"connect", EALREADY,
 "an earlier connect of this non-blocking socket is still under way",
 "wait with poll until the socket is writable, then ask for SO_ERROR"},
{"connect", EINPROGRESS,
 "the handshake did not end within the time limit that SO_SNDTIMEO"
 " sets[{handout}, or the socket is non-blocking]. It goes on without"
 " us",
 "wait with poll until the socket is writable, then ask for SO_ERROR: 0"
 " means connected"},
{"connect", EINTR,
 "a signal interrupted the call. The handshake goes on without us",
 "start the program again; one that has signal handlers waits with poll"
 " here, then asks for SO_ERROR"},
{"connect", EINVAL,
 "the last argument is not the size of the address, or nobody can have"
 " this address, or it is " NARRATE_FE80,
 "give sizeof the address as the last argument, and check the address;"
 " of IPv6, take one that does not begin with fe80"},
{"connect", EISCONN,
 "this socket is connected already, or it listens",
 "make a new socket for each connection"},
{"connect", EOPNOTSUPP,
 "this socket listens, so it cannot call",
 "make a separate socket for calling"},

/* ---- send, recv, and their kin */

{NARRATE_SENDS, EPIPE,
 "this connection takes no more bytes: the peer has closed or reset it,"
 " our own side is shut down, or it was never made",
 NARRATE_RESTART ". If connect came before, look whether sin_family was"
 " set: with 0 (AF_UNSPEC) connect returns 0 and connects nothing"},
{NARRATE_SENDS, ECONNRESET,
 "the peer reset the connection: its program ended, or it closed before"
 " it had read everything",
 NARRATE_RESTART},
{NARRATE_RECVS, ECONNRESET,
 "the peer reset the connection: its program ended, or it closed before"
 " it had read everything. Bytes from it may be lost",
 NARRATE_RESTART},
{NARRATE_SENDS " " NARRATE_RECVS, ETIMEDOUT,
 "the peer's host has not answered for a long time, so our kernel gave"
 " the connection up",
 "see whether the peer's host is still on, and on the network"},
{NARRATE_SENDS " " NARRATE_RECVS, ENOTCONN,
 "this TCP socket has no connection",
 "a client calls connect first (with a sin_family of 0, AF_UNSPEC, it"
 " connects nothing); a server uses the descriptor that accept"
 " returned, not the listening socket"},
{NARRATE_SENDS, EAGAIN,
 "the kernel's buffer had no room within the time limit that"
 " SO_SNDTIMEO sets[{handout}, or the socket is non-blocking], because"
 " the peer does not read. With UDP, no port may be free for our end",
 "see why the peer does not read, then send the rest; " NARRATE_PORTS
 " shows how many sockets there are"},
{"recv", EAGAIN,
 "nothing came within the time limit that SO_RCVTIMEO sets[{handout},"
 " or the socket is non-blocking]",
 "see what the peer is doing, then call recv again, or set a longer"
 " limit"},
{"recvfrom recvmsg", EAGAIN,
 "no datagram came within the time limit that SO_RCVTIMEO sets"
 "[{handout}, or the socket is non-blocking]. Nobody may be there, or a"
 " datagram was lost: UDP does not say",
 "see that [`./{other} {words}`|the other program] runs in another"
 " terminal, then start this one again[: `./{lesson} {words}`]"},
{NARRATE_SENDS, EACCES,
 "the kernel refuses to send there: a broadcast address needs the"
 " option SO_BROADCAST, or a route or a security policy forbids it",
 "set SO_BROADCAST, or give the address of one host; " NARRATE_ROUTES
 " shows the routes"},
{NARRATE_SENDS, EDESTADDRREQ,
 "the socket has no peer, so the kernel does not know where to send",
 "name the peer in sendto, or call connect first"},
{"send", EINVAL,
 "an argument has a value that this call does not take",
 "check the flags: 0, or MSG_NOSIGNAL with TCP"},
{"sendto sendmsg", EINVAL,
 "the address is no destination: port 0 belongs to nobody, and the"
 " length must be the size of the address",
 "give the receiver's port, 1 to 65535[, as in `./{lesson} 8888`], and"
 " sizeof the address"},
{"sendto sendmsg", EISCONN,
 "this socket is connected, so the call must not name a peer again",
 "use send on a connected socket"},
{NARRATE_SENDS, EMSGSIZE,
 "the datagram is too long. It goes whole or not at all, and UDP over"
 " IPv4 carries at most 65507 bytes",
 "send less at a time, or use TCP, which has no such limit"},
{"recvmsg", EMSGSIZE,
 "msg_iovlen is not a number of parts that the kernel takes",
 "set all of the struct: one part is msg_iov = &part, msg_iovlen = 1"},
{NARRATE_SENDS " " NARRATE_RECVS, EOPNOTSUPP,
 "this kind of socket does not know one of the flags",
 "give 0 as the flags, or MSG_NOSIGNAL to send with TCP"},
{NARRATE_RECVS, EINVAL,
 "an argument has a value that this call does not take: a size below 0,"
 " or MSG_OOB where there is no urgent byte",
 "give 0 as the flags, and check the sizes"},
{NARRATE_SENDS " " NARRATE_RECVS, ENETDOWN,
 "the network interface that this socket uses is switched off or gone",
 NARRATE_INTERFACES " shows which interfaces are up"},
{NARRATE_SENDS, ENETUNREACH,
 "this host has no route to the peer, so nothing was sent",
 NARRATE_ROUTES " shows the routes, " NARRATE_ADDRESSES " whether this"
 " host is on a network"},
{NARRATE_SENDS " " NARRATE_RECVS, EHOSTUNREACH,
 "nobody could deliver to the peer: no host on its network has its"
 " address, or a router or a firewall refused",
 "ping the peer: if it answers, a firewall refused; if not, check the"
 " address, and whether both hosts are on the same network"},
{NARRATE_SENDS " " NARRATE_RECVS, ECONNREFUSED,
 "an earlier datagram reached the peer's host, which answered that no"
 " socket has that port",
 "see that [`./{other}`|the other program] runs, in another terminal,"
 " then send again"},

/* ---- shutdown, close, and the rest */

{"shutdown", EINVAL,
 "the second argument is none of the three directions",
 "give SHUT_RD, SHUT_WR or SHUT_RDWR; a half-close is SHUT_WR"},
{"shutdown", ENOTCONN,
 "there is no connection to shut down: both sides have ended it, the"
 " peer has reset it, or it was never made",
 NARRATE_RESTART},
{"close", EINTR,
 "a signal interrupted close. On Linux the descriptor is closed all the"
 " same; POSIX does not say whether it is",
 "do not close it again: its number may belong to another socket by"
 " now"},
{"poll", EINVAL,
 "the second argument says that there are more descriptors than this"
 " process may have open",
 "give the number of elements in the array; `ulimit -n` shows the"
 " limit"},
{"fcntl", EINVAL,
 "fcntl does not know the command in the second argument, or the"
 " command does not take the third",
 "F_GETFL reads the flags; F_SETFL sets them, O_NONBLOCK for one"},
};
/* clang-format on */

#endif
