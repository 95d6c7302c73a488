# The length is in the order of this machine.
# report: the answer to
s/ntohs(head)/head/
