"""09 A loop round accept, in Python: a greeting for one client after
another, until Ctrl-C."""

import socket
import time

import narrate
from narrate import carry_on, quoted, result, show, step, waits

BACKLOG = 5
PATIENCE, READS, ROOM = 1, 8, 4096


def greet(connected):
    # A client that neither speaks nor leaves must not keep us from the
    # others: each call that waits for longer raises TimeoutError.
    step(f"connected.settimeout({PATIENCE})")
    connected.settimeout(PATIENCE)
    result(None, "We shall wait for this client, but not for ever.")

    words = b"Hello from the server!\n"
    step(f"connected.sendall({quoted(words)})")
    connected.sendall(words)
    result(None, "Our kernel took all of it.")

    step("connected.shutdown(SHUT_WR)")
    connected.shutdown(socket.SHUT_WR)
    result(None, "Our FIN follows the greeting.")

    # Closed with unread bytes the connection would be reset, and the
    # greeting perhaps lost: we read to the end, but only so much.
    for _ in range(READS):
        step(f"connected.recv({ROOM})")
        waits("the client to end its side")
        data = connected.recv(ROOM)
        result(quoted(data), "We did not ask; we drop it." if data
               else "The client has ended its side too.")
        if not data:
            break


def main(address, port):
    # `create_server` makes four calls at once: socket, setsockopt with
    # SO_REUSEADDR, bind and listen.
    step(f"socket.create_server({(address, port)}, backlog={BACKLOG})")
    with socket.create_server((address, port), backlog=BACKLOG) as sock:
        result(sock.fileno(), "It is bound, and it listens.")
        show(sock)
        pause = 0
        while True:
            step("sock.accept()")
            waits("a caller")
            try:
                connected, peer = sock.accept()
            except OSError as error:
                carry_on(error, f"We try again in {pause} seconds.")
                time.sleep(pause)
                pause = min(2 * pause, 8) or 1
                continue
            pause = 0
            result((connected.fileno(), peer), "A socket for this one"
                   " peer.")

            # One `try` for all the calls of a conversation: whichever
            # fails, the client is lost and the server is not. The
            # `with` closes the socket either way.
            with connected:
                try:
                    greet(connected)
                except OSError as error:
                    carry_on(error, "The next one's turn.")
                step("connected.close()")
                connected.close()
                result(None, "This client is served.")


if __name__ == "__main__":
    narrate.run(main, "the server greets one client after another")
