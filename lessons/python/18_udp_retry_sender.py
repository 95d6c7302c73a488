"""18 UDP that tries again, in Python: the sender numbers its messages
and sends again what was not answered."""

import argparse
import ipaddress
import socket
import struct
import sys
import time

MESSAGE = struct.Struct("!II")  # which message, which try
MESSAGES, PATIENCE, TRIES, READS = 5, 1, 3, 8


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def answered(sock, number, attempt):
    """Whether the answer to a message came in time."""
    for _ in range(READS):
        try:
            data = sock.recv(MESSAGE.size + 1)
        except TimeoutError as error:
            print("recv:", error, file=sys.stderr)
            return False
        except ConnectionRefusedError as error:
            print("recv:", error, file=sys.stderr)
            time.sleep(PATIENCE)
            return False
        if len(data) != MESSAGE.size:
            print("Not one of our answers: dropped")
            continue
        was, of = MESSAGE.unpack(data)
        if was != number:
            print(f"An answer to message {was} again: dropped")
            continue
        late = ", late" if of < attempt else ""
        print(f"Message {number} is answered{late}")
        return True
    return False


def main(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.connect((address, port))
        for number in range(1, MESSAGES + 1):
            for attempt in range(1, TRIES + 1):
                # As in C: an error here may belong to an earlier try.
                try:
                    sock.send(MESSAGE.pack(number, attempt))
                except OSError as error:
                    print("send:", error, file=sys.stderr)
                if answered(sock, number, attempt):
                    break
            else:
                sys.exit(f"Message {number}: no answer to {TRIES}"
                         " tries")


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
