# The number of the sender is left out.
# report: client 2 sent
s/"%d: ", c->number/"%s", ""/
