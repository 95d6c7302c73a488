# A datagram that is too long is cut off and taken.
# report: datagrams of 0 and 3 bytes.*the numbers of blocks that were sent
s/char in\[NUMBER + BLOCK + 1\]/char in[NUMBER + BLOCK]/
