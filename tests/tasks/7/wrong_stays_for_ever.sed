# The receiver has no time limit after the end.
# report: the receiver to end a second after.*it still runs
s/^        if (whole) {/        if (false) {/
