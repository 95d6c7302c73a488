# A number is used twice.
# report: client 4 connected
s/++last}/last = count + 1}/
