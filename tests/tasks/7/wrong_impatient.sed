# It waits 5 milliseconds for an answer.
# report: datagrams at most: twice as many
s/LIMIT = 200, TRIES = 25/LIMIT = 5, TRIES = 1000/
