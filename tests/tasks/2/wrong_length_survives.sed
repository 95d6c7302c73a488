# The half line of one client goes on in the next one.
# report: the answers to client 3
s/    size_t length = 0;/    static size_t length;/
