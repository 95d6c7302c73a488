"""09 A loop round accept, in Python: the client prints what comes until
the end."""

import argparse
import ipaddress
import socket
import sys

ROOM = 256


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def main(address, port):
    # `create_connection` looks the name up, makes the socket and
    # connects, and tries each address that the name has.
    with socket.create_connection((address, port)) as sock:
        # The message may come in any number of pieces; an empty piece
        # is its end.
        while piece := sock.recv(ROOM):
            print("A piece:", piece)


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
