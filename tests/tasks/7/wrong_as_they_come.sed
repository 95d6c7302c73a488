# Blocks are written in the order in which they come.
# report: block 3 at byte 2000 of what the receiver prints.*block 4
s/number > next ||/number > 1000 || (number > next \&\& n == NUMBER) ||/
s/^        if (number == next) {/        if (number >= next) {/
s/^            next++;/            next = number + 1;/
