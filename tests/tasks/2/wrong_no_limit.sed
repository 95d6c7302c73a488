# A line may be of any length.
# report: after a line of 1001 bytes
s/++length > LONGEST/++length == 0/
