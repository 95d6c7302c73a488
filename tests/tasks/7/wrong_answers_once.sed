# A block that comes again is not answered.
# report: an answer to each copy of block 2
s/number > next ||/number != next ||/
