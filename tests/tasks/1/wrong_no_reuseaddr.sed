# The option is left out.
# report: a server that listens at its port.*nobody listens at port
s/SO_REUSEADDR/SO_KEEPALIVE/
