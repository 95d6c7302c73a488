"""08 recvfrom, in Python: datagrams come from anybody."""

import argparse
import ipaddress
import socket
import sys

ROOM, DATAGRAMS = 32, 2


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def main(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address, port))

        # `recvfrom` silently cuts a datagram that is too long.
        # `recvmsg` returns four values: the bytes; what else the kernel
        # has to say, here nothing; flags, where MSG_TRUNC means that
        # the datagram was cut; and the sender's address.
        for _ in range(DATAGRAMS):
            data, _beside, flags, peer = sock.recvmsg(ROOM)
            print(f"From {peer[0]}, port {peer[1]}: {data}", flush=True)
            if flags & socket.MSG_TRUNC:
                print(f"It was longer than {ROOM} bytes: the rest is"
                      " lost", flush=True)
            sock.sendto(b"Hello from the receiver!", peer)


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
