# The last line needs a newline.
# report: client 4 sent
s/    else if (length > 0)/    else if (0)/
