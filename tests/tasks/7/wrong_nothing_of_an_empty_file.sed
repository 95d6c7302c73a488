# Of an empty file nothing is sent.
# report: the end (1)
s/^    uint32_t number = 0;/&\n    if (getc(file) == EOF)\n        return 0;\n    rewind(file);/
