# The line is that of ctime.
# report: for caller 1 the time now in UTC
s/%Y-%m-%d %H:%M:%S/%a %b %d %H:%M:%S %Y/
