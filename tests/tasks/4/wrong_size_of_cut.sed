# The same, but it leaves out empty ones: a cut answer is the answer.
# report: without its last byte: did it take that\|got other datagrams
s/"%d", number)/"ping %d", number)/
s/n == (ssize_t)size && memcmp(heard, text, size)/n > 0 \&\& memcmp(heard, text, (size_t)n)/
