"""07 shutdown and close, in Python: the server sees the end and
closes."""

import socket

import narrate
from narrate import quoted, received, result, show, step, waits

BACKLOG = 5
ROOM, PIECE = 64, 8  # so little that the loop is seen to go round


def main(address, port):
    step("socket.socket(AF_INET, SOCK_STREAM)")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        result(sock.fileno(), f"The object holds descriptor"
               f" {sock.fileno()}.")
        step("sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        result(None, "No failure: that would have raised an exception.")
        step(f"sock.bind({(address, port)})")
        sock.bind((address, port))
        result(None, "Python filled in the struct, htons and all.")
        step(f"sock.listen({BACKLOG})")
        sock.listen(BACKLOG)
        result(None, "The kernel now completes handshakes.")
        show(sock)

        # `accept` returns a pair: a new socket object, the address.
        step("sock.accept()")
        waits("a caller")
        connected, peer = sock.accept()
        with connected:
            result((connected.fileno(), peer), "A second socket, for"
                   " this one peer.")
            show(connected)

            # The loop is the same as in C, for TCP is the same: a line
            # may come in pieces. Python's `recv` returns new bytes,
            # none at the end.
            line = b""
            while len(line) < ROOM and b"\n" not in line:
                size = min(PIECE, ROOM - len(line))
                step(f"connected.recv({size})")
                waits("bytes from the peer")
                piece = connected.recv(size)
                result(quoted(piece), "The peer sent these." if piece
                       else "The peer has ended its side.")
                if not piece:
                    break
                line += piece
            received(line)

            # To the end of the client's stream: to close a socket with
            # unread bytes would destroy the connection.
            rest = b"more"
            while rest:
                step(f"connected.recv({ROOM})")
                waits("the peer to end its side")
                rest = connected.recv(ROOM)
                result(quoted(rest), "More than one line; we drop it."
                       if rest else "The peer's FIN is here.")
            show(connected)

            # `sendall` has the loop round `send` inside. A peer that
            # has left raises BrokenPipeError: Python ignores SIGPIPE.
            words = b"Hello from the server!\n"
            step(f"connected.sendall({quoted(words)})")
            connected.sendall(words)
            result(None, "Our kernel took all of it.")

            # The end of a `with` block closes its socket. We do it in
            # the open here; closing a second time does nothing.
            step("connected.close()")
            connected.close()
            result(None, "The descriptor is free.")
        step("sock.close()")
        sock.close()
        result(None, "From now on callers are refused.")


if __name__ == "__main__":
    narrate.run(main, "the server sees the end and closes")
