# HEAD announces the size of what it sends.
# report: Content-Length: 3000 in the answer to HEAD
s/found ? about.st_size : 0/found \&\& !only_head ? about.st_size : 0/
