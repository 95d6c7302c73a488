# A zero byte ends the length.
# report: \\x00
s/^    size_t length = 0;.*/&\
    char kept[LONGEST + 1];/
s/^                continue;/                kept[length - 1] = piece[i];\
                kept[length] = 0;\
&/
s/answer(client, length) == -1/answer(client, length ? strlen(kept) : 0) == -1/
