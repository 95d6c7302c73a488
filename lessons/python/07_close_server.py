"""07 shutdown and close, in Python: the server sees the end and
closes."""

import argparse
import ipaddress
import socket
import sys
import time

BACKLOG, ROOM = 5, 64


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def read_line(sock):
    """Bytes up to a newline; fewer at the peer's end."""
    # The loop is the same as in C, because TCP is the same: a line may
    # come in pieces. Python's `recv` returns a new bytes object, empty
    # at the end.
    line = b""
    while len(line) < ROOM and b"\n" not in line:
        piece = sock.recv(ROOM - len(line))
        if not piece:
            break
        line += piece
    return line


def main(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        # A call that fails raises an exception: nothing to check here.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(BACKLOG)

        # `accept` returns a pair: a new socket object and the address.
        connected, peer = sock.accept()
        with connected:
            print("The client's line:", read_line(connected))

            # We read to the end of the client's stream: closing a
            # socket with unread bytes would reset the connection.
            while connected.recv(ROOM):
                pass

            # The pause lets you see the half-close at the client's end.
            time.sleep(1)
            connected.sendall(b"Hello from the server!\n")

        # The end of each `with` closes its socket: first the one of
        # this client, then the listening one.


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
