# It waits for a line of the caller first.
# report: in UTC, "[^"]*", then the end of the stream came  *nothing for 3 seconds
s/    char line\[32\];/    char line[32]; recv(caller, line, 1, 0);/
