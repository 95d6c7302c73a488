"""05 connect, in Python: the client calls the server."""

import os
import socket

import narrate
from narrate import result, show, step, waits


def main(address, port):
    # A socket object holds the descriptor. `with` closes it, whatever
    # happens: what C leaves to the programmer, Python's blocks do.
    step("socket.socket(AF_INET, SOCK_STREAM)")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        result(sock.fileno(), f"The object holds descriptor"
               f" {sock.fileno()}.")
        show(sock)

        # Python has two forms of this call. `connect` raises an
        # exception when it fails. `connect_ex` returns the errno, as a
        # C programmer knows it, and 0 for success. An address is a pair
        # of a string and a number: Python fills in the struct.
        step(f"sock.connect_ex({(address, port)})")
        waits("the server to answer")
        error = sock.connect_ex((address, port))
        result(error, "Connected." if error == 0 else
               f"{os.strerror(error)}. We raise what connect raises.")
        if error != 0:
            raise OSError(error, os.strerror(error))
        show(sock)


if __name__ == "__main__":
    narrate.run(main, "the client calls the server")
