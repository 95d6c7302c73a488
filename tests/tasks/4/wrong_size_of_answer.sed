# It compares as many bytes as came: an empty datagram is the answer.
# report: did it take something else\|got other datagrams
s/n == (ssize_t)size && memcmp(heard, text, size)/n >= 0 \&\& memcmp(heard, text, (size_t)n)/
