"""18 UDP that tries again, in Python: the receiver acts on each message
once, and plays a network that loses, doubles and delays."""

import argparse
import ipaddress
import socket
import struct
import sys

# Two numbers of four bytes, which message and which try: "!" is network
# byte order, "I" such a number.
MESSAGE = struct.Struct("!II")
LOSE, DOUBLE, DELAY, LAST = 2, 3, 4, 5
LINGER = 2


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def main(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address, port))
        done = 0
        while True:
            try:
                data, peer = sock.recvfrom(MESSAGE.size + 1)
            except TimeoutError:
                print("No more tries came: done")
                return

            # `unpack` would raise `struct.error` for another size.
            if len(data) != MESSAGE.size:
                print("Not one of our messages: dropped")
                continue
            number, attempt = MESSAGE.unpack(data)
            print(f"Message {number}, try {attempt}: ", end="")
            if (number, attempt) == (LOSE, 1):
                print("lost")
                continue
            if number == done + 1:
                done = number
                print("new")
            elif number <= done:
                print("known, answered again")
            else:
                print("too early: dropped")
                continue

            # The bad network: an answer late, an answer twice.
            if (number, attempt) == (DELAY, 1):
                continue
            if (number, attempt) == (DELAY, 2):
                sock.sendto(MESSAGE.pack(number, 1), peer)
            for _ in range(2 if number == DOUBLE else 1):
                sock.sendto(MESSAGE.pack(number, attempt), peer)
            if done == LAST:
                sock.settimeout(LINGER)


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
