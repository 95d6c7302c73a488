"""22 DNS by hand, in Python: asks a name server for the address of a
name."""

import argparse
import re
import socket
import struct
import sys
import time

PATIENCE, TRIES, READS = 1, 3, 8
HEADER, NAME, ROOM = 12, 256, 512
ADDRESS, ALIAS = 1, 5


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def written(name):
    """A name as DNS writes it, a length before each part."""
    parts = name.removesuffix(".").encode().split(b".")
    size = 1 + sum(1 + len(part) for part in parts)
    if size >= NAME or not all(0 < len(part) < 64 for part in parts):
        raise argparse.ArgumentTypeError(
            f"{name!r} is not a name for DNS")
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def dns_name(word):
    """A name as it is typed."""
    written(word)
    return word


def read_name(message, at):
    """The name that begins there, and where the next field begins.

    A slice never fails, so Python would read on where nothing is. Here
    an index does: IndexError."""
    parts, after, begin, length = [], None, at, 0
    while (size := message[at]) != 0:
        if size >= 0xC0:
            to = (size & 0x3F) << 8 | message[at + 1]
            after = after or at + 2
            if to >= begin:
                raise ValueError("a pointer that does not lead back")
            begin = at = to
        else:
            part = message[at + 1:at + 1 + size]
            parts.append("".join(
                chr(byte) if 32 <= byte < 127 and byte != 92
                else f"\\x{byte:02X}" for byte in part))
            at += 1 + size
            length += 1 + size
            if size > 63 or length >= NAME:
                raise ValueError("not a name")
    return ".".join(parts), after or at + 1


def hear(sock, question):
    """The answer to this question; None if none came in time."""
    for _ in range(READS):
        try:
            message = sock.recv(ROOM)
        except (TimeoutError, ConnectionRefusedError) as error:
            print("recv:", error, file=sys.stderr)
            if isinstance(error, ConnectionRefusedError):
                time.sleep(PATIENCE)
            return None
        if (message[:2] == question[:2]
                and message[2:3] >= b"\x80"
                and message[HEADER:].startswith(question[HEADER:])):
            return message
        print("Not the answer to our question: dropped")
    return None


def read_records(message, at):
    """Prints the records; returns how many addresses there were."""
    addresses = 0
    count, = struct.unpack_from(">H", message, 6)
    for _ in range(count):
        name, at = read_name(message, at)
        kind, _, _, size = struct.unpack_from(">HHIH", message, at)
        at += 10
        data = message[at:at + size]
        if len(data) < size:
            raise ValueError("data beyond the end")
        if kind == ADDRESS and size == 4:
            print(f"{name} has the address {socket.inet_ntoa(data)}")
            addresses += 1
        elif kind == ALIAS:
            other, _ = read_name(message, at)
            print(f"{name} is another name for {other}")
        at += size
    return addresses


def name_server(port):
    """At port 53 this host's own; at another one ours."""
    if port != 53:
        return "127.0.0.1"
    with open("/etc/resolv.conf", encoding="utf-8") as file:
        found = re.search(r"^nameserver\s+(\d+(?:\.\d+){3})\s*$",
                          file.read(), re.M)
    if not found:
        sys.exit("/etc/resolv.conf names no server with IPv4")
    return found[1]


def main(name, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.connect((name_server(port), port))
        message = None
        for number in range(1, TRIES + 1):
            question = (struct.pack(">HHHHHH", number, 0x0100,
                                    1, 0, 0, 0)
                        + written(name)
                        + struct.pack(">HH", ADDRESS, 1))
            sock.send(question)
            message = hear(sock, question)
            if message:
                break
        else:
            sys.exit(f"No answer to {TRIES} tries")
    flags, = struct.unpack_from(">H", message, 2)
    if flags & 0x0200:
        print("This is only a part of the answer")
    if flags & 15:
        sys.exit("There is no such name" if flags & 15 == 3 else
                 f"The server cannot tell: error {flags & 15}")
    try:
        if read_records(message, len(question)) == 0:
            sys.exit("No address")
    except (IndexError, ValueError, struct.error):
        sys.exit("A broken answer")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default="localhost",
                        type=dns_name)
    parser.add_argument("port", nargs="?", default=8888,
                        type=port_number)
    given = parser.parse_args()
    try:
        main(given.name, given.port)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"{parser.prog}: {error}")
