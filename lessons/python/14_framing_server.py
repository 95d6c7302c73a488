"""14 A length before each message, in Python: the server finds each
message in the stream and sends it back, until Ctrl-C."""

import argparse
import errno
import ipaddress
import socket
import sys
import time

BACKLOG, PATIENCE, HEADER, MOST = 5, 10, 4, 1000

# Failures of accept that never pass, and some that do after a while.
HOPELESS = (errno.EBADF, errno.EFAULT, errno.EINVAL, errno.ENOTSOCK)
SHORTAGE = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def converse(connected):
    connected.settimeout(PATIENCE)

    # What we have not dealt with yet. `bytes` are as long as they need
    # to be, so nothing overflows. But memory is limited: a length that
    # lies is refused here, too.
    waiting = b""
    while data := connected.recv(HEADER + MOST - len(waiting)):
        waiting += data
        while len(waiting) >= HEADER:
            # "big": the highest byte first, as `ntohl` expects it.
            length = int.from_bytes(waiting[:HEADER], "big")
            if length > MOST:
                print(f"A message of {length} bytes: refused",
                      file=sys.stderr)
                return
            size = HEADER + length
            if len(waiting) < size:
                break
            print(f"A message of {length} bytes", file=sys.stderr)
            connected.sendall(waiting[:size])
            waiting = waiting[size:]
    if waiting:
        print(f"{len(waiting)} bytes of a message, then the end",
              file=sys.stderr)


def main(address, port):
    with socket.create_server((address, port), backlog=BACKLOG) as sock:
        while True:
            try:
                connected, _ = sock.accept()
            except OSError as error:
                # As in C: a shortage passes, a wrong socket does not.
                if error.errno in HOPELESS:
                    raise
                print("accept:", error, file=sys.stderr)
                if error.errno in SHORTAGE:
                    time.sleep(2)
                continue
            with connected:
                try:
                    converse(connected)
                except OSError as error:
                    print("A client is lost:", error, file=sys.stderr)


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
