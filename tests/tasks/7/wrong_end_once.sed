# The end is sent once.
# report: the end (21), again
s/^        if (!deliver(/        if (size == 0) {\n            send(sock, datagram, NUMBER, 0);\n            return 0;\n        }\n&/
