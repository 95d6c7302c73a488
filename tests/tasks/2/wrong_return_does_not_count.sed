# It leaves a carriage return out, as if it were not of the line.
# report: \\x0D\\n
s/answer(client, length) == -1/answer(client, length - (i > 0 \&\& piece[i - 1] == '\\r')) == -1/
