# An empty datagram ends the receiver.
# report: block 6.*it ended with exit status 0
s/^        if (n < NUMBER/        if (n == 0)\n            return 0;\n&/
