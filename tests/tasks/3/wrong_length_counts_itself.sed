# The 2 bytes of the length are counted too.
# report: the answer to
s/= ntohs(head);/= ntohs(head) - 2u;/
