# The time is that of another zone.
# report: for caller 1 the time now in UTC
s/gmtime(&now)/gmtime(\&(time_t){now + 3600})/
