# What recv returns is taken for a line.
# report: and no newline yet\|two lines at once
s/if (piece\[k\] == '\\n')/if (k + 1 == n)/
