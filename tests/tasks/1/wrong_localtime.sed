# localtime, which is right only where the time zone is UTC.
# report: in UTC (its own time zone is
s/gmtime(&now)/localtime(\&now)/
