# Each connection is good for one line.
# report: the end of the stream\|a reset
s/            length = 0;/            return;/
