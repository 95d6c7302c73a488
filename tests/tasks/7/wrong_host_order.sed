# Numbers are in the byte order of the host.
# report: an answer to block 1
s/ntohl(number)/number/
s/htonl(++number)/++number/
