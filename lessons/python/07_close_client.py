"""07 shutdown and close, in Python: the client ends its side first."""

import socket

import narrate
from narrate import quoted, received, result, show, step, waits

ROOM = 64


def main(address, port):
    step("socket.socket(AF_INET, SOCK_STREAM)")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        result(sock.fileno(), f"The object holds descriptor"
               f" {sock.fileno()}.")
        step(f"sock.connect({(address, port)})")
        waits("the server to answer")
        sock.connect((address, port))
        result(None, "Connected: a refusal would have raised"
               " ConnectionRefusedError.")
        show(sock)

        # Bytes, not text: the b makes the difference. A string would
        # have to be encoded first, for example as UTF-8.
        words = b"Hello from the client!\n"
        step(f"sock.sendall({quoted(words)})")
        sock.sendall(words)
        result(None, "Our kernel took all of it.")

        # A half-close, as in C.
        step("sock.shutdown(SHUT_WR)")
        sock.shutdown(socket.SHUT_WR)
        result(None, "We have said all, and can still listen.")

        # The loop that collects a line is needed here as in C.
        line = b""
        while len(line) < ROOM and b"\n" not in line:
            step(f"sock.recv({ROOM - len(line)})")
            waits("bytes from the peer")
            piece = sock.recv(ROOM - len(line))
            result(quoted(piece), "The peer sent these." if piece
                   else "The peer has ended its side.")
            if not piece:
                break
            line += piece
        received(line)

        rest = b"more"
        while rest:
            step(f"sock.recv({ROOM})")
            waits("the peer to end its side")
            rest = sock.recv(ROOM)
            result(quoted(rest), "More than one line; we drop it."
                   if rest else "The peer's FIN is here.")

        # The end of a `with` block closes its socket. We do it in the
        # open here; closing a second time does nothing.
        step("sock.close()")
        sock.close()
        result(None, "The descriptor is free for another socket.")


if __name__ == "__main__":
    narrate.run(main, "the client ends its side first")
