# The unit is wrong.
# report: or close to it
s/ping %d: %.1f ms\\n", i, took/ping %d: %.1f ms\\n", i, took * 1000/
