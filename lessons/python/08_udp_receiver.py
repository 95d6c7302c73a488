"""08 recvfrom, in Python: datagrams come from anybody."""

import socket

import narrate
from narrate import quoted, received, result, show, step, waits

ROOM, DATAGRAMS = 32, 2


def main(address, port):
    step("socket.socket(AF_INET, SOCK_DGRAM)")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        result(sock.fileno(), f"The object holds descriptor"
               f" {sock.fileno()}.")
        step(f"sock.bind({(address, port)})")
        sock.bind((address, port))
        result(None, "The kernel keeps the datagrams that come for us.")
        show(sock)

        # `recvfrom` cuts a datagram that is too long, without a word.
        # `recvmsg` also returns flags, and MSG_TRUNC among them says
        # that the datagram was cut.
        for _ in range(DATAGRAMS):
            step(f"sock.recvmsg({ROOM})")
            waits("a datagram")
            data, _, flags, peer = sock.recvmsg(ROOM)
            result(f"({quoted(data)}, {flags}, {peer})",
                   "The rest of it is lost." if flags & socket.MSG_TRUNC
                   else "We have all of it.")
            received(data)

            words = b"Hello from the receiver!"
            step(f"sock.sendto({quoted(words)}, {peer})")
            n = sock.sendto(words, peer)
            result(n, "Nobody will say whether it arrives.")


if __name__ == "__main__":
    narrate.run(main, "datagrams come from anybody")
