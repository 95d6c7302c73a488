# It compares the first bytes only: a longer datagram is the answer.
# report: and one byte more: did it take that\|got other datagrams
s/n == (ssize_t)size/n >= (ssize_t)size/
