# It compares as many bytes as came: an empty datagram is the answer.
# report: was an empty datagram: did it take that\|got other datagrams
s/n == (ssize_t)size && memcmp(heard, text, size)/n >= 0 \&\& memcmp(heard, text, (size_t)n)/
