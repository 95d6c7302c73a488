"""Answers two datagrams at PORT; the first one, after a stranger has.

    stranger.py PORT

For tests/python.bats: each answer quotes the datagram that it answers.
"""
import socket
import sys

ours = socket.socket(type=socket.SOCK_DGRAM)
ours.bind(("127.0.0.1", int(sys.argv[1])))
stranger = socket.socket(type=socket.SOCK_DGRAM)
ours.settimeout(20)
print("ready", flush=True)
for number in range(2):
    data, peer = ours.recvfrom(64)
    if number == 0:
        stranger.sendto(b"stray", peer)
    ours.sendto(b"to " + data, peer)
