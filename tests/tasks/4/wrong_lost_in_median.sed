# A lost ping counts as a second.
# report: at the end
s/^ *printf("ping %d: lost\\n", i);/&; times[count - ++lost] = 1000;/
s/    int got = 0;/    int got = 0, lost = 0;/
s/qsort(times, (size_t)got/qsort(times, (size_t)count/
s/times\[(got - 1) \/ 2\] + times\[got \/ 2\]/times[(count - 1) \/ 2] + times[count \/ 2]/
