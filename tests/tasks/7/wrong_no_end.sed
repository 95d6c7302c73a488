# A block that is not full counts as the end.
# report: the end (3)
s/while (size > 0)/while (size == BLOCK)/
