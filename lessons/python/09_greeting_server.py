"""09 A loop round accept, in Python: a greeting for one client after
another, until Ctrl-C."""

import argparse
import errno
import ipaddress
import socket
import sys
import time

BACKLOG, PATIENCE, READS, ROOM = 5, 1, 8, 4096

# Failures of accept that never pass, and some that do after a while.
HOPELESS = (errno.EBADF, errno.EFAULT, errno.EINVAL, errno.ENOTSOCK)
SHORTAGE = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def greet(connected):
    # A client that neither speaks nor leaves must not keep the others
    # waiting: a call that exceeds the limit raises TimeoutError.
    connected.settimeout(PATIENCE)
    connected.sendall(b"Hello from the server!\n")
    connected.shutdown(socket.SHUT_WR)

    # With bytes unread, `close` would reset the connection, and the
    # greeting might be lost: we read to the end, within limits.
    for _ in range(READS):
        if not connected.recv(ROOM):
            break


def main(address, port):
    # `create_server` makes four calls at once: socket, setsockopt with
    # SO_REUSEADDR, bind and listen.
    with socket.create_server((address, port), backlog=BACKLOG) as sock:
        clients = 0
        while True:
            try:
                connected, peer = sock.accept()
            except OSError as error:
                # As in C: a shortage passes, a wrong socket does not.
                if error.errno in HOPELESS:
                    raise
                print("accept:", error, file=sys.stderr)
                if error.errno in SHORTAGE:
                    time.sleep(2)
                continue

            # One `try` for all the calls of a conversation: whichever
            # fails, the client is lost and the server is not. The
            # `with` closes the socket either way.
            with connected:
                try:
                    greet(connected)
                except OSError as error:
                    print("A client is lost:", error, file=sys.stderr)
            clients += 1
            print("Clients so far:", clients, file=sys.stderr)


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
