"""08 sendto, in Python: each datagram names whom it is for."""

import socket

import narrate
from narrate import quoted, received, result, show, step, waits

ROOM, PATIENCE = 64, 2
MESSAGES = (
    b"Hello from the sender!",
    b"A datagram that is longer than 32 bytes.",
)


def main(address, port):
    step("socket.socket(AF_INET, SOCK_DGRAM)")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        result(sock.fileno(), f"The object holds descriptor"
               f" {sock.fileno()}.")

        # Python's time limit is not the kernel's SO_RCVTIMEO: it makes
        # the socket non-blocking and waits with `poll` before each
        # call. When the time is over it raises TimeoutError.
        step(f"sock.settimeout({PATIENCE})")
        sock.settimeout(PATIENCE)
        result(None, f"We shall wait {PATIENCE} seconds for an answer.")

        peer = address, port
        for words in MESSAGES:
            step(f"sock.sendto({quoted(words)}, {peer})")
            n = sock.sendto(words, peer)
            result(n, "On its way. Nobody has said that it arrived.")
            show(sock)

            step(f"sock.recvfrom({ROOM})")
            waits(f"an answer, {PATIENCE} seconds at most")
            data, sender = sock.recvfrom(ROOM)
            known = sender == peer
            result(f"({quoted(data)}, {sender})",
                   "From whom we asked." if known
                   else "From somebody else: we drop it.")
            if known:
                received(data)


if __name__ == "__main__":
    narrate.run(main, "each datagram names whom it is for")
