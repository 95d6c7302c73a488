"""10 A conversation of any length, in Python: the server sends back all
that comes, for one client after another, until Ctrl-C."""

import socket
import time

import narrate
from narrate import carry_on, quoted, result, show, step, waits

BACKLOG = 5
PATIENCE, ROOM = 300, 64 * 1024


def echo(connected):
    step(f"connected.settimeout({PATIENCE})")
    connected.settimeout(PATIENCE)
    result(None, "We shall wait for this client, but not for ever.")

    # The loop ends where `recv` returns no bytes, which is Python's
    # form of 0. The bytes are not decoded: they may be cut anywhere.
    while True:
        step(f"connected.recv({ROOM})")
        waits("bytes from the client")
        data = connected.recv(ROOM)
        result(quoted(data), "The client sent these." if data
               else "The client has ended its side.")
        if not data:
            return
        step(f"connected.sendall({quoted(data)})")
        connected.sendall(data)
        result(None, "Our kernel took all of it.")


def main(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    step(f"socket.create_server({(address, port)},"
         f" family={family.name}, backlog={BACKLOG})")
    with socket.create_server((address, port), family=family,
                              backlog=BACKLOG) as sock:
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
            with connected:
                try:
                    echo(connected)
                except OSError as error:
                    carry_on(error, "The next one's turn.")
                step("connected.close()")
                connected.close()
                result(None, "The descriptor is free for the next.")


if __name__ == "__main__":
    narrate.run(main, "the server sends back all that comes", ipv6=True)
