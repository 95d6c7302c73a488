# The limit is 400 ms.
# report: one second without an answer
s/LIMIT = 1000/LIMIT = 400/
