# The last block is filled up.
# report: block 2, its number and
s/NUMBER + size))/size > 0 ? sizeof datagram : NUMBER))/
