# The mean is taken for the median.
# report: at the end
s/(times\[(got - 1) \/ 2\] + times\[got \/ 2\]) \/ 2/mean/
s/    qsort(times/    double mean = 0; for (int i = 0; i < got; i++) mean += times[i] \/ got; qsort(times/
