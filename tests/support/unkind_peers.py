"""Peers that behave as no lesson does: clients that leave in every way,
a server that leaves too early, a person at a terminal.

    python3 unkind_peers.py VERB PORT [WORD...]

It prints what it found, and ends with status 1 where it expected
something else.
"""

import os
import pty
import select
import signal
import socket
import struct
import sys

signal.alarm(20)  # nothing here hangs


def call(port):
    return socket.create_connection(("127.0.0.1", port), timeout=15)


def reset(sock):
    """Closes so that the other side gets RST; socket(7): SO_LINGER."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    sock.close()


def read_back(sock, size):
    data = bytearray()
    while len(data) < size:
        piece = sock.recv(size - len(data))
        if not piece:
            break
        data += piece
    return bytes(data)


def closes(port):
    call(port).close()


def resets(port, times="1"):
    """Every fifth is an echo client first, so that the server can keep up:
    a client that finds the queue full would only retry after a second."""
    for i in range(int(times)):
        sock = call(port)
        if i % 5 == 4:
            sock.sendall(bytes(4))  # for 14, a whole message
            sock.recv(1)
        reset(sock)


def speaks_and_resets(port):
    sock = call(port)
    sock.sendall(b"Hello\n")
    reset(sock)


def ends_and_resets(port):
    """Ends its side, then resets: sending the answer fails with EPIPE."""
    sock = call(port)
    sock.sendall(b"\0\0\0\2hi")
    sock.shutdown(socket.SHUT_WR)
    reset(sock)


def rushes(port):
    """Sends 64 KiB and closes without reading."""
    sock = call(port)
    sock.sendall(bytes(64 * 1024))
    sock.close()


def stays_silent(port):
    sock = call(port)
    print("connected", flush=True)
    signal.pause()
    sock.close()


def never_reads(port):
    """Sends until nothing more is taken, then stays. For 14 it sends
    whole messages, of 1000 bytes."""
    sock = call(port)
    sock.settimeout(0.2)
    try:
        while True:
            sock.sendall((b"\0\0\3\xe8" + bytes(1000)) * 64)
    except OSError:
        print("stuck", flush=True)
    signal.pause()


def reads_late(port):
    """Sends until nothing more is taken, and only then reads: all must come
    back, in order."""
    sock, sent = call(port), bytearray()
    sock.settimeout(0.2)
    try:
        while True:
            piece = bytes((len(sent) + i) % 251 for i in range(16384))
            sent += piece[:sock.send(piece)]
    except OSError:
        sock.settimeout(2)
    if read_back(sock, len(sent)) != sent:
        sys.exit("other bytes came back")


def talks_on(port):
    """Sends a byte again and again, and never ends its side."""
    sock = call(port)
    print("connected", flush=True)
    try:
        while True:
            sock.sendall(b"x")
            select.select([], [], [], 0.01)
    except ConnectionError:
        print("dropped", flush=True)


def speaks_first(port):
    """Sends what nobody asked for; the greeting must come whole and end
    in order, without an RST, which poll would report."""
    sock = call(port)
    sock.sendall(bytes(3000))
    data = bytearray()
    while piece := sock.recv(4096):
        data += piece
    assert data == b"Hello from the server!\n", data
    errors = select.poll()
    errors.register(sock, 0)
    assert not errors.poll(300), "reset"


def lengths(port, last):
    """A line of each length, on one connection."""
    sock = call(port)
    for size in range(int(last) + 1):
        line = os.urandom(size).replace(b"\n", b"x") + b"\n"
        sock.sendall(line)
        assert read_back(sock, len(line)) == line, size


def answers_half(port):
    """A server that sends half of its client's bytes back, and ends."""
    with socket.create_server(("127.0.0.1", port)) as server:
        print("listens", flush=True)
        sock, _ = server.accept()
        data = sock.recv(4096)
        sock.sendall(data[:len(data) // 2])
        sock.close()


def answers_in_bytes(port):
    """A server that sends back one byte at a time, a segment each."""
    with socket.create_server(("127.0.0.1", port)) as server:
        print("listens", flush=True)
        sock, _ = server.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := sock.recv(4096):
            for byte in data:
                sock.sendall(bytes([byte]))
        sock.close()


def person(port, *command):
    """Types at a terminal: each word after the prompt, then Ctrl-D."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    for message in (b"first\n", b"\n", b"\x16\x1b[2J \xc3\xa4\n", b"\x04"):
        shown = b""
        while b"Enter message to send: " not in shown:
            shown += os.read(terminal, 4096)
        sys.stdout.buffer.write(shown)
        os.write(terminal, message)
    try:
        while shown := os.read(terminal, 4096):
            sys.stdout.buffer.write(shown)
    except OSError:
        pass  # EIO: the other side of the terminal is closed
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    verb, port, *words = sys.argv[1:]
    sys.exit(globals()[verb](int(port), *words))
