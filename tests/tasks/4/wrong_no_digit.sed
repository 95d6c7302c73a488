# The times have no digit behind the point.
# report: the digit behind the point is missing
s/ping %d: %.1f/ping %d: %.0f/
