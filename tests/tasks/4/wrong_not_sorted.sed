# The times are not sorted.
# report: at the end
s/    qsort(times.*//
