# A line of 1000 bytes is refused unless its newline comes with it.
# report: not yet the newline
s/^        for (ssize_t i = 0; i < n; i++) {/        for (ssize_t i = 0; i <= n; i++) {\
            if (i == n) { if (length > 999) return; break; }/
