"""What a Python lesson prints about its socket calls.

The lessons make the calls themselves; the functions here only tell of
them, in the form that the C lessons use: a step line with the call and
what it returned, a meaning line, a line on what the kernel holds.

    run       reads the command line, runs the lesson, explains errors
    step      names the call that comes next
    waits     says what that call waits for, before it does
    result    prints what the call returned, and what that means
    carry_on  prints that the call failed, and what a server does then
    received  prints the bytes that came
    show      prints what the kernel now holds for a socket
    put       writes text or bytes to standard output
"""

import argparse
import errno
import ipaddress
import os
import socket
import sys
import textwrap

WIDTH = 70
QUOTED = 24  # bytes of a message that are quoted

# The names of RFC 9293 by Linux's numbers; tcp(7): TCP_INFO.
STATES = (
    "?", "ESTABLISHED", "SYN-SENT", "SYN-RECEIVED", "FIN-WAIT-1",
    "FIN-WAIT-2", "TIME-WAIT", "CLOSED", "CLOSE-WAIT", "LAST-ACK",
    "LISTEN", "CLOSING",
)

# What to try, for the errors that a beginner meets.
HINTS = {
    errno.EADDRINUSE: "another program has this port: end it, or take"
                      " another port, for example 9000",
    errno.EADDRNOTAVAIL: "this host has no such address: `ip addr`"
                         " shows those that it has",
    errno.EACCES: "ports below 1024 are for root: take one above",
    errno.ECONNREFUSED: "nothing listens there: start the server first,"
                        " in another terminal",
    errno.ECONNRESET: "the peer broke the connection off: look at its"
                      " terminal",
    errno.EPIPE: "the peer has left: look at its terminal",
    errno.EAGAIN: "nothing came in time: does the other side run?",
}

name = os.path.basename(sys.argv[0])
quiet = False
_number = 0
_call = ""


def quoted(data):
    """The bytes as Python writes them, the first of them when they are
    many. All that could disturb a terminal is escaped."""
    if len(data) <= QUOTED + 8:
        return repr(bytes(data))
    return repr(bytes(data[:QUOTED])) + "..."


def put(data):
    """Writes text or bytes to standard output. That is no socket: where
    it fails, the lesson ends with status 1, without a word if the
    reader has gone away, as in `python3 08_udp_receiver.py | head`."""
    out = sys.stdout if isinstance(data, str) else sys.stdout.buffer
    try:
        out.write(data)
        out.flush()
    except OSError as error:
        if error.errno != errno.EPIPE:
            print(f"{name}: standard output: {error.strerror}",
                  file=sys.stderr)
        # Python writes what is left when it ends; nobody is to mind.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _text_of(address):
    host, port = address[:2]
    if port == 0:
        return "no address yet"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _lines(first, indent, text):
    if not quiet:
        put(textwrap.fill(text, WIDTH, initial_indent=first,
                          subsequent_indent=" " * indent,
                          break_long_words=False,
                          break_on_hyphens=False) + "\n")


def step(call):
    """Names the call that comes next, with the values it is given."""
    global _number, _call
    _number += 1
    _call = call


def waits(what):
    """Says, before a call that may wait, what it waits for."""
    _lines(f"{_number:3}  ", 9, f"{_call} … waits for {what}")


def result(value, meaning):
    """Prints what the call returned, and what that means."""
    global _call
    _lines(f"{_number:3}  ", 9, f"{_call} = {value}")
    _lines("     ", 5, meaning)
    _call = ""


def _name_of(error):
    if isinstance(error, TimeoutError) and error.errno is None:
        return "no errno: Python's own time limit"
    return errno.errorcode.get(error.errno, f"errno {error.errno}")


def _raised(error):
    if _call:
        _lines(f"{_number:3}  ", 9,
               f"{_call} raises {type(error).__name__}"
               f" ({_name_of(error)})")


def carry_on(error, meaning):
    """Tells of a failed call that the program survives."""
    if quiet:
        print(f"{name}: {error}. {meaning}", file=sys.stderr)
    else:
        _raised(error)
        _lines("     ", 5, meaning)


def received(data):
    """Prints bytes that came from outside; with -q it is all that is
    printed, without quotes and final newline."""
    if quiet:
        text = data.removesuffix(b"\n")
        text = text.decode(errors="backslashreplace")
        put("".join(c if c.isprintable() else ascii(c)[1:-1]
                    for c in text) + "\n")
    else:
        put(f"     received: {bytes(data)!r}\n")


def show(sock):
    """Prints a line on what the kernel holds: descriptor, state (TCP,
    on Linux), both addresses. It only looks."""
    if quiet:
        return
    state = "UDP" if sock.type == socket.SOCK_DGRAM else ""
    if sock.type == socket.SOCK_STREAM and sys.platform == "linux":
        state = STATES[sock.getsockopt(socket.IPPROTO_TCP,
                                       socket.TCP_INFO, 1)[0]]
    ends = _text_of(sock.getsockname())
    try:
        ends += " <-> " + _text_of(sock.getpeername())
    except OSError:
        pass  # it has no peer
    _lines("     ", 13, f"kernel: fd {sock.fileno()}  {state}  {ends}")


def _port(word):
    if not word.isascii() or not word.isdigit() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is no port: 0 to 65535 expected")
    return int(word)


def _address(word, ipv6):
    kind = ipaddress.ip_address if ipv6 else ipaddress.IPv4Address
    try:
        return str(kind(word))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{word!r} is no address: one like 127.0.0.1"
            f"{' or ::1' if ipv6 else ''} expected") from None


def _arguments(title, ipv6):
    parser = argparse.ArgumentParser(
        description=title, usage="%(prog)s [-h] [-q] [ADDRESS] [PORT]")
    parser.add_argument("-q", action="store_true", help="quiet: only"
                        " what was received, and errors")
    parser.add_argument("words", nargs="*", metavar="ADDRESS PORT",
                        help="default 127.0.0.1 8888; LESSON_PORT sets"
                        " another port for all lessons")
    given = parser.parse_args()
    words = given.words
    try:
        port = _port(os.environ.get("LESSON_PORT") or "8888")
        if len(words) > 2:
            parser.error(f"{words[2]!r} is one word too many")
        address = "127.0.0.1"
        if len(words) == 2 or words and set(words[0]) & set(".:"):
            address = _address(words.pop(0), ipv6)
        if words:
            port = _port(words[0])
    except argparse.ArgumentTypeError as error:
        parser.error(str(error))
    return given.q, address, port


def run(main, title, ipv6=False):
    """Runs main(address, port). A call that fails raises OSError; where
    the lesson does not catch it, it is explained here. Exit status: 0
    done, 1 a call failed, 2 wrong arguments, 130 ended by Ctrl-C."""
    global quiet
    given_quiet, address, port = _arguments(title, ipv6)
    quiet = quiet or given_quiet
    if not quiet:
        put(f"{name}: {title}\n\n")
    try:
        sys.exit(main(address, port))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        _raised(error)
        print(f"{name}: {_name_of(error)}: {error.strerror or error}",
              file=sys.stderr)
        hint = HINTS.get(error.errno)
        if hint:
            print(f"     Try: {hint}.", file=sys.stderr)
        sys.exit(1)
