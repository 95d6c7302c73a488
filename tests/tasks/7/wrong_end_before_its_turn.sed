# What has no bytes is the end, whatever its number.
# report: no answer to the end while a block is missing
s/number > next ||/(number > next \&\& n > NUMBER) ||/
s/^        if (number == next) {/        if (number >= next) {/
