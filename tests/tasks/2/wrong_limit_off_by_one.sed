# A line of 1000 bytes is refused.
# report: client 5 sent\|and 953 bytes more.*1000
s/++length > LONGEST/++length >= LONGEST/
