"""09 A loop round accept, in Python: the client prints what comes until
the end."""

import socket

import narrate
from narrate import quoted, received, result, show, step, waits

ROOM = 256


def main(address, port):
    # `create_connection` looks the name up, makes the socket and
    # connects, and tries each address that the name has.
    step(f"socket.create_connection({(address, port)})")
    waits("the server to answer")
    with socket.create_connection((address, port)) as sock:
        result(sock.fileno(), "Made and connected.")
        show(sock)
        piece = b"more"
        while piece:
            step(f"sock.recv({ROOM})")
            waits("bytes from the peer")
            piece = sock.recv(ROOM)
            result(quoted(piece), "A piece, or all of it." if piece
                   else "The message is complete.")
            if piece:
                received(piece)
        show(sock)
        step("sock.close()")
        sock.close()
        result(None, "The descriptor is free for another socket.")


if __name__ == "__main__":
    narrate.run(main, "the client prints what comes until the end")
