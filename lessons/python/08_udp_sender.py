"""08 sendto, in Python: each datagram names its receiver."""

import argparse
import ipaddress
import socket
import sys

ROOM, PATIENCE, READS = 64, 2, 8
MESSAGES = (
    b"Hello from the sender!",
    b"A datagram that is longer than 32 bytes.",
)


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def answer(sock, peer):
    """The next datagram that comes from this peer, None if others keep
    us busy. Raises TimeoutError when nothing comes."""
    # Anybody can send to our port. So we look at where an answer comes
    # from before we believe it, and keep waiting for the right one.
    for _ in range(READS):
        data, sender = sock.recvfrom(ROOM)
        if sender == peer:
            return data
        print("A datagram from somebody else: dropped")
    return None


def main(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        # Python's time limit is not the kernel's SO_RCVTIMEO: Python
        # makes the socket non-blocking and waits with `poll` before
        # each call. When the limit expires, it raises TimeoutError,
        # which has no errno.
        sock.settimeout(PATIENCE)
        for words in MESSAGES:
            sock.sendto(words, (address, port))
            try:
                print("The answer:", answer(sock, (address, port)))
            except TimeoutError:
                sys.exit(f"No answer within {PATIENCE} seconds: does"
                         " the receiver run?")


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
