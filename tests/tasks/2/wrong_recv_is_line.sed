# What recv returns is taken for a line.
# report: the answer to
s/            if (piece\[i\] != '\\n') {/            if (i + 1 < n) {/
