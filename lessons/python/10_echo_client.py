"""10 A conversation of any length, in Python: the client asks, sends,
and prints the echo.

python3 10_echo_client.py < file > copy gives the file back.
"""

import io
import socket
import sys

import narrate
from narrate import put, quoted, received, result, show, step, waits

# At most so much is sent before it is read back. With a whole file on
# its way and nobody reading, each side would wait for the other.
ROOM = 16 * 1024


def read_message(person):
    """A person's line, or what there is of a file; b"" at its end."""
    if person:
        put("Enter message to send: ")
        message = sys.stdin.buffer.readline(ROOM)
        if not message.endswith(b"\n"):
            put("\n")
        return message
    return sys.stdin.buffer.read1(ROOM)


def read_back(sock, size):
    """As many bytes as were sent; fewer if the server ends its side."""
    echo = b""
    while len(echo) < size:
        step(f"sock.recv({size - len(echo)})")
        waits("the echo")
        piece = sock.recv(size - len(echo))
        result(quoted(piece), "The server sent these." if piece
               else "The server has ended its side.")
        if not piece:
            break
        echo += piece
    return echo


def write(data, raw):
    if raw:
        put(data)
        return
    # These lines end with \n alone; \r is a byte like others.
    for line in io.BytesIO(data):
        received(line)


def main(address, port):
    person = sys.stdin.isatty()
    raw = not person and not sys.stdout.isatty()
    step(f"socket.create_connection({(address, port)})")
    waits("the server to answer")
    with socket.create_connection((address, port)) as sock:
        result(sock.fileno(), "Made and connected.")
        show(sock)
        while message := read_message(person):
            step(f"sock.sendall({quoted(message)})")
            sock.sendall(message)
            result(None, "Our kernel took all of it.")
            echo = read_back(sock, len(message))
            write(echo, raw)
            if len(echo) < len(message):
                print(f"{narrate.name}: the server has ended the"
                      f" conversation: {len(echo)} of {len(message)}"
                      " bytes came back", file=sys.stderr)
                return 1
        step("sock.shutdown(SHUT_WR)")
        sock.shutdown(socket.SHUT_WR)
        result(None, "We have said all, and can still listen.")
        rest = b"more"
        while rest:
            step(f"sock.recv({ROOM})")
            waits("the peer to end its side")
            rest = sock.recv(ROOM)
            result(quoted(rest), "There was more." if rest
                   else "The peer's FIN is here.")
            write(rest, raw)
        step("sock.close()")
        sock.close()
        result(None, "The descriptor is free for another socket.")
    return 0


if __name__ == "__main__":
    # With a file or a pipe as its input, only the echo comes out.
    narrate.quiet = not sys.stdin.isatty()
    narrate.run(main, "the client asks, sends, and prints the echo",
                ipv6=True)
