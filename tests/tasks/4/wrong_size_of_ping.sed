# It compares the first bytes only: a longer datagram is the answer.
# report: did it take something else\|got other datagrams
s/n == (ssize_t)size/n >= (ssize_t)size/
