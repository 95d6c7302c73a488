"""21 HTTP by hand, in Python: the server answers GET and HEAD with one
page, until Ctrl-C. Open http://127.0.0.1:8888/ in a browser."""

import argparse
import errno
import ipaddress
import re
import socket
import sys
import time

BACKLOG, PATIENCE, READS, RESTS, MOST = 5, 1, 100, 8, 8192

# In Python a string has letters, and `encode` makes bytes of them: the
# page has 97 letters and 99 bytes.
PAGE = """<!DOCTYPE html>
<title>Lesson 21</title>
<h1>It works!</h1>
<p>Café crème, served by Python.</p>
""".encode()

# Failures of accept that never pass, and some that do after a while.
HOPELESS = (errno.EBADF, errno.EFAULT, errno.EINVAL, errno.ENOTSOCK)
SHORTAGE = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def printable(data):
    """Bytes from the network, escaped as in 06."""
    return "".join(chr(byte) if 32 <= byte < 127 and byte != 92
                   else f"\\x{byte:02X}" for byte in data)


def answer(connected, status, body, only_head, keep):
    """Sends an answer; returns whether the client may ask again."""
    head = (f"HTTP/1.1 {status}\r\n"
            "Content-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"Connection: {'keep-alive' if keep else 'close'}\r\n"
            "\r\n")
    print("Answered:", status, file=sys.stderr)
    connected.sendall(head.encode() + (b"" if only_head else body))
    return keep


def respond(connected, head, last):
    """Finds out what a request asks for, and answers it."""
    first, *lines = head.split(b"\r\n")
    for line in (first, *lines):
        print(printable(line), file=sys.stderr)
    fields = {}
    for line in lines:
        name, _, value = line.partition(b":")
        fields.setdefault(name.lower(), value.strip(b" \t").lower())

    match = re.fullmatch(rb"([A-Z]+) ([!-~]+) HTTP/1\.([0-9])", first)
    if not match or (match[3] != b"0" and b"host" not in fields):
        return answer(connected, "400 Bad Request", b"What?\n",
                      False, False)
    method, path, minor = match.groups()
    if method not in (b"GET", b"HEAD"):
        return answer(connected, "501 Not Implemented",
                      b"Only GET and HEAD.\n", False, False)

    # As in C: we read no body, so we cannot go on after one.
    keep = (not last and minor != b"0"
            and not fields.get(b"connection", b"").startswith(b"close")
            and b"content-length" not in fields
            and b"transfer-encoding" not in fields)
    if path != b"/":
        return answer(connected, "404 Not Found", b"Not here.\n",
                      method == b"HEAD", keep)
    return answer(connected, "200 OK", PAGE, method == b"HEAD", keep)


def converse(connected):
    connected.settimeout(PATIENCE)
    waiting = b""
    keep, reads = True, 0
    while keep:
        data = connected.recv(MOST - len(waiting))
        if not data:
            return
        waiting += data
        reads += 1
        while keep and b"\r\n\r\n" in waiting:
            head, _, waiting = waiting.partition(b"\r\n\r\n")
            keep = respond(connected, head, reads >= READS)
        if keep and len(waiting) == MOST:
            keep = answer(connected,
                          "431 Request Header Fields Too Large",
                          b"Too long.\n", False, False)
        elif keep and reads >= READS:
            keep = answer(connected, "408 Request Timeout",
                          b"Too slow.\n", False, False)

    # We have said `Connection: close`; the rest is read, as in 09.
    connected.shutdown(socket.SHUT_WR)
    for _ in range(RESTS):
        if not connected.recv(MOST):
            return


def main(address, port):
    with socket.create_server((address, port), backlog=BACKLOG) as sock:
        while True:
            try:
                connected, _ = sock.accept()
            except OSError as error:
                # As in C: a shortage passes, a wrong socket does not.
                if error.errno in HOPELESS:
                    raise
                print("accept:", error, file=sys.stderr)
                if error.errno in SHORTAGE:
                    time.sleep(2)
                continue
            with connected:
                try:
                    converse(connected)
                except OSError as error:
                    print("A client is lost:", error, file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", nargs="?", default="127.0.0.1",
                        type=ipaddress.IPv4Address)
    parser.add_argument("port", nargs="?", default=8888,
                        type=port_number)
    given = parser.parse_args()
    try:
        main(str(given.address), given.port)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"{parser.prog}: {error}")
