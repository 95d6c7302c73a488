# The time is asked for once.
# report: for caller 3, a second later
s/time_t now = time(NULL);/static time_t now; now = now ? now : time(NULL);/
