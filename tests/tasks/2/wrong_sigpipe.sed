# SIGPIPE ends it.
# report: signal 13
s/MSG_NOSIGNAL/0/
