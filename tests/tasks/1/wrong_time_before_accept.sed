# The time is asked for before there is a caller.
# report: for caller 3, a second later
s/static void tell_time(int caller)/static void tell_time(int caller, time_t now)/
/^    time_t now = time(NULL);/d
s/^        int caller = accept/        time_t now = time(NULL);\n&/
s/tell_time(caller);/tell_time(caller, now);/
