# The length is a signed number.
# report: the answer to
s/size_t length = ntohs(head)/size_t length = (size_t)(int16_t)ntohs(head) % 65536 * (ntohs(head) < 32768)/
