"""A name server that lies, in the way that the first part of the name says.

    python3 lying_names.py PORT

Before each answer it sends some that are none: another id, another question,
a question, too short.
"""
import socket
import struct
import sys

POINTER = b"\xc0\x0c"  # to the name of the question


def record(name, kind, data, size=None):
    return name + struct.pack(">HHIH", kind, 1, 60, len(data) if size is None
                              else size) + data


def records(way, end):
    """The records that come at `end`, and how many they are said to be."""
    here = struct.pack(">H", 0xc000 | end)
    address = bytes([192, 0, 2, 1])
    return {
        "right": (1, record(POINTER, 1, address)),
        "loop": (1, record(here, 1, address)),
        "ahead": (1, record(struct.pack(">H", 0xc000 | end + 16), 1, address)
                  + b"\1x\0"),
        # Two pointers that lead to each other, the first one backwards.
        "pair": (2, record(POINTER, 99, struct.pack(">H", 0xc000 | end + 14))
                 + record(struct.pack(">H", 0xc000 | end + 12), 1, address)),
        # Back to the part before it, again and again: longer than a name.
        "endless": (1, record(POINTER, 5, b"\x3f" + b"x" * 63
                              + struct.pack(">H", 0xc000 | end + 12))),
        "cut": (2, record(POINTER, 1, address)),
        "beyond": (1, record(POINTER, 1, address, 400)),
        "long": (1, record((b"\x3f" + b"x" * 63) * 5 + b"\0", 1, address)),
        "short": (1, record(POINTER, 1, address)[:8]),
        "nine": (1, record(POINTER, 1, address)[:11]),
        "ten": (1, record(POINTER, 99, b"")),
        "past": (1, b"\x3fabc"),
        # The same two, at the end of the largest message.
        "full": (2, record(POINTER, 99, bytes(512 - end - 16)) + b"\x3fabc"),
        "brim": (2, record(POINTER, 99, bytes(512 - end - 16)) + POINTER
                 + b"\0\1"),
        "escape": (1, record(b"\4\x1b[2J\4test\0", 5, b"\5right\0")),
        "none": (0, b""),
        "refused": (0, b""),
    }[way]


with socket.socket(type=socket.SOCK_DGRAM) as sock, \
        socket.socket(type=socket.SOCK_DGRAM) as stranger:
    sock.bind(("127.0.0.1", int(sys.argv[1])))
    print("ready", flush=True)
    while True:
        question, peer = sock.recvfrom(512)
        number, asked = question[:2], question[12:]
        way = asked[1:1 + asked[0]].decode()
        count, answer = records(way, len(question))
        flags = 0x8185 if way == "refused" else 0x8180

        def message(number=number, flags=flags, asked=asked):
            return (number + struct.pack(">HHHHH", flags, 1, count, 0, 0)
                    + asked + answer)
        if way == "right":
            stranger.sendto(message(), peer)
            sock.sendto(b"", peer)
            sock.sendto(message(bytes([number[1], number[0]])), peer)
            sock.sendto(message(flags=0x0100), peer)
            sock.sendto(message(asked=asked.replace(b"right", b"wrong")), peer)
            sock.sendto(message()[:20], peer)
        sock.sendto(message(), peer)
