"""06 send and recv, in Python: the client says a line and reads the
answer."""

import argparse
import ipaddress
import socket
import sys
import time

ROOM = 64


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def read_line(sock):
    """Bytes up to a newline; fewer at the peer's end."""
    # The loop that collects a line is needed here as in C.
    line = b""
    while len(line) < ROOM and b"\n" not in line:
        piece = sock.recv(ROOM - len(line))
        if not piece:
            break
        line += piece
    return line


def main(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        # A refusal raises ConnectionRefusedError.
        sock.connect((address, port))

        # Bytes, not text: the b makes the difference. A string would
        # have to be encoded first, for example as UTF-8. The line goes
        # out in two parts, a second apart, as in C.
        sock.sendall(b"Hello from ")
        time.sleep(1)
        sock.sendall(b"the client!\n")

        print("The server's line:", read_line(sock))


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
