# A block that comes again is written again.
# report: at byte [0-9]* of what the receiver prints.*block 2
s/^        if (number == next) {/        next += number == next;\n        {/
/^            next++;/d
