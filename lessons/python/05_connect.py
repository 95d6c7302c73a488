"""05 connect, in Python: the client calls the server."""

import argparse
import ipaddress
import os
import socket
import sys


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def main(address, port):
    # A socket object holds the descriptor. `with` closes it, whatever
    # happens: Python's block does what C leaves to the programmer.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:

        # Python has two forms of this call. `connect` raises an
        # exception when it fails. `connect_ex` returns the errno, as a
        # C programmer knows it, and 0 for success. An address is a pair
        # of a string and a number: Python fills in the struct.
        error = sock.connect_ex((address, port))
        if error != 0:
            raise OSError(error, os.strerror(error))
        print("Connected.")


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
