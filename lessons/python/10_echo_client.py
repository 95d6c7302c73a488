"""10 A conversation of any length, in Python: the client asks, sends,
and prints the echo.

python3 10_echo_client.py < file > copy gives the file back.
"""

import argparse
import ipaddress
import os
import socket
import sys

# We send at most this many bytes before we read them back. If we sent a
# whole file first, each side would wait for the other to read.
ROOM = 16 * 1024


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def read_back(sock, size):
    """As many bytes as were sent; fewer if the server ends its side."""
    echo = b""
    while len(echo) < size:
        piece = sock.recv(size - len(echo))
        if not piece:
            break
        echo += piece
    return echo


def main(address, port):
    person = sys.stdin.isatty()
    raw = not person and not sys.stdout.isatty()
    with socket.create_connection((address, port)) as sock:
        while True:
            if person:
                print("Enter message to send: ", end="", flush=True)

            # A person's line, or bytes from a file; empty at the
            # end.
            message = os.read(sys.stdin.fileno(), ROOM)
            if not message:
                break
            sock.sendall(message)
            echo = read_back(sock, len(message))
            if raw:
                sys.stdout.buffer.write(echo)
                sys.stdout.buffer.flush()
            else:
                print(echo)
            if len(echo) < len(message):
                sys.exit(f"The server has gone: {len(echo)} of"
                         f" {len(message)} bytes came back")

        # We have sent everything: a half-close, then the server's end.
        sock.shutdown(socket.SHUT_WR)
        if sock.recv(1):
            sys.exit("The server sent more than we did")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", nargs="?", default="127.0.0.1",
                        type=ipaddress.ip_address)
    parser.add_argument("port", nargs="?", default=8888,
                        type=port_number)
    given = parser.parse_args()
    try:
        main(str(given.address), given.port)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"{parser.prog}: {error}")
