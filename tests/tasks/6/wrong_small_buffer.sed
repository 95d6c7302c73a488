# There is room for 1024 bytes of a head.
# report: a request of 8000 bytes
s/MOST = 8192/MOST = 1024/
