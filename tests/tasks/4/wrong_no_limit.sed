# It waits for ever.
# report: lost
s/(int)left + 1/-1/
