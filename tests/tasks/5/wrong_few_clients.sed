# There is room for 20.
# report: client 2[0-9] connected
s/MOST = 200/MOST = 20/
