"""Clients of lesson 24's server that do what they should not.

    python3 strange_passers.py PATH [TIMES]

Each says something strange, TIMES times, and must be answered or hung up on.
Prints a line for each: what it was, and the answer.
"""
import array
import os
import socket
import sys
import tempfile

path, times = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1


def file_with(text):
    file = tempfile.TemporaryFile()
    file.write(text)
    file.seek(0)
    return file


def answer(data, descriptors, shut=False):
    """What the server says to these bytes with these descriptors."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(20)
        peer.connect(path)
        if data:
            peer.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                   array.array("i", descriptors))]
                         if descriptors else [])
        if shut:
            peer.shutdown(socket.SHUT_WR)
        said = b""
        try:
            while part := peer.recv(100):
                said += part
        except ConnectionResetError:  # it had not read all
            pass
        return said.decode()


pipe = os.pipe()
some, empty = file_with(b"some\n"), file_with(b"")
escape = file_with(b"\x1b[31m\n")
only_written = os.open(path + ".written", os.O_WRONLY | os.O_CREAT, 0o600)
os.unlink(path + ".written")
folder = os.open(".", os.O_RDONLY)
device = os.open("/dev/zero", os.O_RDONLY)
large = file_with(b"x" * 1000000)
for _ in range(times):
    for name, data, descriptors in (
            ("ends at once", b"", []),
            ("no descriptor", b"hello", []),
            ("two", b"x", [some.fileno()] * 2),
            ("a hundred", b"x", [some.fileno()] * 100),
            ("a pipe", b"x", [pipe[0]]),
            ("a folder", b"x", [folder]),
            ("a device", b"x", [device]),
            ("only written", b"x", [only_written]),
            ("an empty file", b"x", [empty.fileno()]),
            ("an escape", b"x", [escape.fileno()]),
            ("a large file", b"x", [large.fileno()]),
            ("much besides", b"x" * 50000, [some.fileno()])):
        some.seek(0)
        escape.seek(0)
        print(f"{name}: "
              f"{answer(data, descriptors, not data).strip() or 'nothing'}",
              flush=True)
