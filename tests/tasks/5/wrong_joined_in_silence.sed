# Joining is not announced.
# report: client 2 connected
s/announce(count++, last, "joined")/count++/
