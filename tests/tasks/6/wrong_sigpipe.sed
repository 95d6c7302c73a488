# SIGPIPE ends it.
# report: in the middle of .*signal 13
s/MSG_NOSIGNAL/0/
