# A zero byte ends the text.
# report: the answers to client 3
s/        for (size_t i = 0; i < length/        text[length] = 0; size_t all = length; length = strlen(text); for (size_t i = 0; i < length/
s/2 + length) == -1/2 + all) == -1/
s/2 + UINT16_MAX/3 + UINT16_MAX/
