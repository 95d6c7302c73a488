# All pings are the same.
# report: once more
s/"%d", number)/"%d", number * 0)/
