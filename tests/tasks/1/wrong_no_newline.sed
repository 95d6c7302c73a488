# The line has no end.
# report: for caller 1 the time now in UTC
s/%S\\n/%S/
