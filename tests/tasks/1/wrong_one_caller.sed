# There is no loop round accept.
# report: for caller 2\|a server that goes on
s/            tell_time(caller);/            return tell_time(caller), 0;/
