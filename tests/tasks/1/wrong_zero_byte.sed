# The zero byte behind the text goes too.
# report: \x00
s/line, size, MSG/line, size + 1, MSG/
