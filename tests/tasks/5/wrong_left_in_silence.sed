# Leaving is not announced.
# report: client 2 left in the middle of a line
s/announce(-1, number, "left");//
