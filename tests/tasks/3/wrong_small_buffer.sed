# Only short messages have room.
# report: the answer to
s/        char \*text = message + 2;/        char *text = message + 2; if (length > 1024) return;/
