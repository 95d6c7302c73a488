"""Compares what scripts/narrate -o has told with what strace saw.

    told.py TOLD TRACE

TRACE is made by strace -f -y. Every call on a socket must have been
told, in order, with the same descriptor, size and result; nothing else.
Left out of both, because the narrator makes them as well: getsockname,
getpeername, getsockopt, ioctl, fcntl. Left out of the trace: ppoll with a
time limit of 0, by which the narrator asks whether a call will block; write
and read on a descriptor of 1000 to 1009, by which it asks sock_diag; and
the calls that the C library makes itself, in these functions:

  getaddrinfo, getnameinfo, gethostbyname: to nscd, which caches names:
    socket(AF_UNIX), connect, sendto, poll, read, close; to the kernel,
    for its addresses: socket(AF_NETLINK), bind, getsockname, sendto,
    recvmsg, close. To a name server, and to sort addresses:
    socket(AF_INET, SOCK_DGRAM), connect, sendto, sendmmsg, poll,
    recvfrom, close; the tests use addresses, so none of these occur.
  getifaddrs, if_nameindex: the same calls to the kernel.
  getpwnam, getgrnam and their kin: the same calls to nscd.
  syslog: socket(AF_UNIX, SOCK_DGRAM), connect, sendto, close.
  fdopen, fprintf, fgets on a socket: read, write, close.
"""
import re
import sys

OWN = {"getsockname", "getpeername", "getsockopt", "ioctl", "fcntl",
       "getaddrinfo", "getnameinfo", "gethostbyname", "fork"}
SAME = {"send": "sendto", "recv": "recvfrom", "select": "pselect6",
        "pselect": "pselect6", "epoll_pwait": "epoll_wait",
        "ppoll": "poll", "accept": "accept4"}
SIZED = {"sendto", "recvfrom", "read", "write"}
CALL = re.compile(r"(?:(\d+) +)?(\w+)\((.*)\) += (-?\d+|\?)(?:<[^>]*>)?"
                  r"(?: (E[A-Z]+))?")


def key(name, arguments, result, error):
    """A call, in one form whichever of the two it comes from."""
    name = SAME.get(name, name)
    number = re.match(r"-?\d+", arguments)
    size = None
    if name in SIZED:
        rest = re.sub(r'"(\\.|[^"\\])*"(\.\.\.)?', "S", arguments)
        size = rest.split(", ")[2]
    elif name == "setsockopt":
        size = arguments.rsplit(", ", 1)[1]
    elif name in ("bind", "connect"):
        port = re.search(r"htons\((\d+)\)|[\d\]]:(\d+), ", arguments)
        size = (port and int(port.group(1) or port.group(2)),
                arguments.rsplit(", ", 1)[1])
    elif name in ("shutdown", "listen"):
        size = re.sub(r"<.*?>", "", arguments).split(", ")[1]
        size = re.sub(r"^\d+ /\* (\w+) \*/$", r"\1", size)
    if name in ("socket", "socketpair", "poll", "pselect6"):
        number = None
    return (name, number and number.group(), size, result + (error or ""))


def told(path):
    """The calls told, a list for each process and thread."""
    lists, line, who = {}, "", None
    lines = []
    for text in open(path, encoding="utf-8"):
        match = re.match(r"((?: \[process \d+\])?(?: \[thread \d+\])?)(.*)",
                         text)
        speaker, rest = match.groups()
        if re.match(r" *\d+  \w+\(", rest) and not rest.startswith("     "):
            lines.append([speaker, rest.strip()])
        elif rest.startswith("         ") and lines:
            lines[-1][1] += " " + rest.strip()
        elif lines:
            lines.append([None, ""])
    for speaker, line in lines:
        if speaker is None or "… blocks" in line:
            continue
        match = CALL.match(line)
        if not match:  # fcntl and getaddrinfo return names
            continue
        _, name, arguments, result, error = match.groups()
        if name not in OWN:
            lists.setdefault(speaker, []).append(
                key(name, arguments, result, error))
    return lists


def traced(path):
    """The calls that strace saw on sockets, in the same way."""
    lists, open_lines, inside = {}, {}, set()
    for line in open(path, encoding="utf-8"):
        match = re.match(r"(\d+) +(.*)", line)
        task, rest = match.groups()
        if "<unfinished ...>" in rest:
            open_lines[task] = rest.split(" <unfinished")[0]
            continue
        if re.match(r"<\.\.\. \w+ resumed>", rest):
            rest = open_lines.pop(task) + rest.split("resumed>", 1)[1]
        match = CALL.match(rest)
        if not match:
            continue
        _, name, arguments, result, error = match.groups()
        if name in OWN or result == "?":
            continue
        if name == "ppoll" and "{tv_sec=0, tv_nsec=0}" in arguments:
            continue
        fresh = name in ("socket", "socketpair")
        if not fresh and "<socket:[" not in arguments \
                and not name.startswith("epoll"):
            continue
        if name == "socket" and ("AF_NETLINK" in arguments or (
                "AF_UNIX" in arguments and "NONBLOCK" in arguments)):
            inside.add((task, result))
            continue
        number = re.match(r"\d+", arguments)
        if name in ("write", "read") and re.match(r"100\d<", arguments):
            continue
        if number and (task, number.group()) in inside:
            if name == "close":
                inside.discard((task, number.group()))
            continue
        arguments = re.sub(r"<(socket|\w+):\[[^]]*\]>", "", arguments)
        error = {"ERESTARTSYS": "EINTR"}.get(error, error)
        lists.setdefault(task, []).append(
            key(name, arguments, result, error))
    return lists


one = sorted(told(sys.argv[1]).values())
other = sorted(traced(sys.argv[2]).values())
if one == other and one:
    print(sum(map(len, one)), "calls")
    sys.exit(0)
for a, b in zip(one + [[]] * 9, other + [[]] * 9):
    for i in range(max(len(a), len(b))):
        x = a[i] if i < len(a) else None
        y = b[i] if i < len(b) else None
        if x != y:
            print("told", x, "traced", y)
            break
print(len(one), "told", len(other), "traced")
sys.exit(1)
