"""21 HTTP by hand, in Python: the client asks any web server for a
page: for its head alone, then for all of it."""

import argparse
import ipaddress
import re
import socket
import sys

PATIENCE, LINE, LINES = 5, 2048, 100


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def show(data):
    """Prints bytes from the network as in 06; a newline is one."""
    print("".join(chr(byte) if 32 <= byte < 127 and byte != 92
                  or byte == 10 else f"\\x{byte:02X}"
                  for byte in data), end="")


def get_line(file):
    """A line, without the bytes that end it."""
    line = file.readline(LINE)
    if not line.endswith(b"\n"):
        raise EOFError("That is not a whole answer")
    return line.rstrip(b"\r\n")


def counted(file, size):
    """As many bytes as the server has announced."""
    while size > 0:
        data = file.read1(size)
        if not data:
            raise EOFError("That is not a whole answer")
        show(data)
        size -= len(data)


def chunked(file):
    """Pieces, each with its length in front, the last one empty."""
    while size := re.match(rb"[0-9A-Fa-f]+", get_line(file)):
        size = int(size[0], 16)
        if size == 0:
            for _ in range(LINES):
                if not get_line(file):
                    return
            break
        counted(file, size)
        if get_line(file):
            break
    raise EOFError("That is not a whole answer")


def hear(file, only_head):
    """Prints an answer; returns whether the server takes more."""
    status, lines = 0, 0
    while status < 200:
        line = get_line(file)
        match = re.match(rb"HTTP/1\.([0-9]) ([1-9][0-9][0-9])", line)
        if not match:
            raise EOFError("That is not a whole answer")
        status, keep, fields = int(match[2]), match[1] != b"0", {}
        while line:
            show(line + b"\n")
            name, _, value = line.partition(b":")
            fields[name.lower()] = value.strip(b" \t").lower()
            line, lines = get_line(file), lines + 1
            if lines > LINES:
                raise EOFError("That is not a whole answer")
    print()
    if fields.get(b"connection", b"").startswith(b"close"):
        keep = False

    # The end of the body, in one of three ways; or there is none.
    if only_head or status in (204, 304):
        return keep
    if fields.get(b"transfer-encoding") == b"chunked":
        chunked(file)
    elif fields.get(b"content-length", b"").isdigit():
        counted(file, int(fields[b"content-length"]))
    else:
        keep = False
        while data := file.read1():
            show(data)
    return keep


def main(address, port):
    sock = None
    for method, wish in ("HEAD", "keep-alive"), ("GET", "close"):
        if sock is None:
            sock = socket.create_connection((address, port))
            sock.settimeout(PATIENCE)

            # A file object has a buffer, and `readline`: it does what
            # `next` and `get_line` do in C.
            file = sock.makefile("rb")
        sock.sendall((f"{method} / HTTP/1.1\r\n"
                      f"Host: {address}:{port}\r\n"
                      f"Connection: {wish}\r\n\r\n").encode())
        if not hear(file, method == "HEAD") or wish == "close":
            file.close()
            sock.close()
            sock = None


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
    except (OSError, EOFError) as error:
        sys.exit(f"{parser.prog}: {error}")
