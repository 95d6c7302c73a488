# The port is not the first argument.
# report: connect to 127.0.0.1 port
s/htons((uint16_t)port)/htons(9013)/
