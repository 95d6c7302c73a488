# The receiver sends each answer twice, to be sure.
# report: an answer to each datagram of the sender, and no more
s/^        sendto(sock.*/&\n&/
