"""22 DNS by hand, in Python: a name server that knows three names,
until Ctrl-C."""

import argparse
import ipaddress
import socket
import struct
import sys

KNOWN = {
    "localhost": "127.0.0.1",
    "lesson.test": "192.0.2.22",
    "forged.lesson.test": "192.0.2.23",
}
HEADER, NAME, ROOM = 12, 256, 512
ADDRESS, ALIAS, KEEP = 1, 5, 60


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def record(name, kind, data):
    """A record; its name is a pointer to this byte of the message."""
    # ">HHHIH": four numbers of two bytes and one of four, the high byte
    # of each first.
    return struct.pack(">HHHIH", 0xC000 | name, kind, 1, KEEP,
                       len(data)) + data


def answer(message):
    """The answer to this question; None if it is none."""
    if len(message) < HEADER:
        return None
    number, flags, questions = struct.unpack_from(">HHH", message)
    if flags & 0x8000 or questions != 1:
        return None

    parts, at = [], HEADER
    while at < len(message) and message[at] != 0:
        part = message[at + 1:at + 1 + message[at]]
        if len(part) < message[at] or message[at] > 63:
            return None
        parts.append(part.decode("latin-1").lower())
        at += 1 + message[at]
    name = ".".join(parts)
    if len(message) - at < 5 or len(name) + 1 >= NAME:
        return None
    kind, _ = struct.unpack_from(">HH", message, at + 1)
    at += 5

    alias = name.startswith("www.")
    real = name[4:] if alias else name
    address = KNOWN.get(real)
    print(f"Asked for type {kind}:",
          real if address else "not one of our names", file=sys.stderr)
    records = []
    whose = HEADER + (4 if alias else 0)
    if address and alias:
        pointer = struct.pack(">H", 0xC000 | whose)
        records.append(record(HEADER, ALIAS, pointer))
    if address and kind == ADDRESS:
        records.append(record(whose, ADDRESS,
                              socket.inet_aton(address)))
    flags = 0x8480 | flags & 0x0100 | (0 if address else 3)
    return (struct.pack(">HHHHHH", number, flags, 1, len(records), 0, 0)
            + message[HEADER:at] + b"".join(records))


def main(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address, port))
        while True:
            question, peer = sock.recvfrom(ROOM)
            message = answer(question)
            if message is None:
                print("Not a question: dropped", file=sys.stderr)
                continue
            try:
                # As in C, we play an intruder, who guesses the id.
                if message[HEADER:].startswith(b"\6forged"):
                    sock.sendto(message[:1] + bytes([message[1] ^ 1])
                                + message[2:-1] + b"\x42", peer)
                sock.sendto(message, peer)
            except OSError as error:
                print("sendto:", error, file=sys.stderr)


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
