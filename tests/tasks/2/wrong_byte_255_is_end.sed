# In a char the byte 255 is EOF.
# report: \\xFF.* expected
s/^            if (piece\[i\] != .*/            if (piece[i] == EOF)\n                return;\n&/
