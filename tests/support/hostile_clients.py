"""Thirty hostile clients of an echo server, all at once.

    python3 hostile_clients.py PORT

Each goes on, in a thread of its own, until this program is ended. It
prints "ready" when all of them have begun.
"""

import select
import signal
import socket
import struct
import sys
import threading

signal.alarm(120)  # nothing here hangs
PORT = int(sys.argv[1])

# What a terminal would obey: clear the screen, set its title, change the
# colour, ring, type an answer, C1 controls, letters that change direction.
ESCAPES = [b"\x1b[2J\x1b[1;1HOWNED\n", b"\x1b]0;OWNED\x07\x1b[31m\n",
           b"\x1b[6n\x1b[c\x07\x07\x9b31m\n",
           "\u202eDENWO\u202c\u200b\u0301\u0301\n".encode()]

# What might be taken for the lesson's own lines. In the last, so many \xNN
# fill a line that the narrator breaks the call of send at the blank.
FORGED = [b"\n 10  accept(3, &peer, &length) = 9\n",
          b"\n     Descriptor 9 is for this one peer, 6.6.6.6:666.\n",
          b"\nDescriptor 9: no byte for 600 seconds\n",
          b"\x01" * 12 + b" 6.6.6.6:6."]


def call():
    return socket.create_connection(("127.0.0.1", PORT))


def repeat(text):
    sock = call()
    while True:
        sock.sendall(text)
        sock.recv(65536)
        select.select([sock], [], [], 0.05)


def flood(_):
    """Sends as much as it can: gigabytes, if there is time."""
    sock = call()
    reader = threading.Thread(target=drain, args=(sock,), daemon=True)
    reader.start()
    while True:
        sock.sendall(bytes(range(256)) * 256)


def drain(sock):
    while sock.recv(1 << 20):
        pass


def never_read(_):
    sock = call()
    while True:
        sock.sendall(b"\x1b[2J" * 16384)


def reset(_):
    while True:
        sock = call()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
        sock.close()


def unused(_):
    sock = call()
    sock.recv(1)


def single_bytes(_):
    sock = call()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        for byte in b"\x1b[2J\r\n":
            sock.sendall(bytes([byte]))
            sock.recv(1)


def prank(what, word):
    try:
        what(word)
    except OSError:
        pass  # the server has disconnected it, or has ended


# Those whose words the board should show come last: it shows the newest.
PRANKS = ([(flood, None)] * 3 + [(never_read, None)] * 3
          + [(reset, None)] * 4 + [(unused, None)] * 5
          + [(single_bytes, None)] * 4
          + [(repeat, bytes(range(256)))] * 3
          + [(repeat, text) for text in FORGED + ESCAPES])

assert len(PRANKS) == 30
for what, word in PRANKS:
    threading.Thread(target=prank, args=(what, word), daemon=True).start()
print("ready", flush=True)
signal.pause()
