"""14 A length before each message, in Python: the client sends three
messages at once, one in five pieces, and a length that lies."""

import argparse
import ipaddress
import socket
import sys
import time

HEADER, MOST, PIECE = 4, 1000, 3


def port_number(word):
    """A port as it is typed."""
    if not word.isdecimal() or int(word) > 65535:
        raise argparse.ArgumentTypeError(
            f"{word!r} is not a port: 0 to 65535")
    return int(word)


def message(text):
    """The length in network byte order, then the text."""
    return len(text).to_bytes(HEADER, "big") + text


def receive_all(sock, size):
    """Exactly so many bytes; EOFError if the server ended first."""
    # This works only without a time limit: a socket that has one is
    # non-blocking in Python, and MSG_WAITALL then has no effect.
    data = sock.recv(size, socket.MSG_WAITALL)
    if len(data) < size:
        raise EOFError("The server has closed the connection")
    return data


def answer(sock):
    length = int.from_bytes(receive_all(sock, HEADER), "big")
    if length > MOST:
        sys.exit(f"A message of {length} bytes: refused")
    text = receive_all(sock, length)
    print(f"Back came {length} bytes: {text}")


def main(address, port):
    with socket.create_connection((address, port)) as sock:
        sock.sendall(message(b"hi") + message(b"")
                     + message(b"one\ntwo"))
        for _ in range(3):
            answer(sock)

        out = message(b"in pieces")
        for sent in range(0, len(out), PIECE):
            sock.sendall(out[sent:sent + PIECE])
            time.sleep(0.2)
        answer(sock)

        # A length that lies: the server must end the conversation.
        sock.sendall(b"\xff" * HEADER)
        try:
            answer(sock)
        except EOFError as end:
            print(end)
        else:
            sys.exit("The server has answered a lie")


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
    except (OSError, EOFError) as error:
        sys.exit(f"{parser.prog}: {error}")
