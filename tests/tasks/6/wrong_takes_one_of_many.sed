# What came behind a request is dropped.
# report: sent all 6 at once
s/got -= (size_t)(end + 4 - bytes);/got = 0;/
s/memmove(bytes, end + 4, got + 1);/bytes[0] = '\\0';/
