# SIGPIPE ends it.
# report: left with a reset before it was answered .*signal 13
s/MSG_NOSIGNAL/0/
