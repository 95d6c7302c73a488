# One of the 50 entries is the listening socket's.
# report: client 5[0-9] connected
s/MOST = 200/MOST = 49/
