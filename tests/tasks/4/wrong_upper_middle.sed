# Of an even number it takes one time.
# report: at the end
s/times\[(got - 1) \/ 2\]/times[got \/ 2]/
