# It counts from 0 to COUNT.
# report: pings, where .*one more
s/int i = 1; i <= count/int i = 0; i <= count/
