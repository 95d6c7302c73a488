# One recv takes a message, and what is behind it is lost.
# report: the answer to "\\x00
s/    while (recv_all(client, message, 2) == 0) {/    ssize_t m; while ((m = recv(client, message, 2 + UINT16_MAX, 0)) > 1) {/
s/        if (recv_all(client, text, length) == -1)/        if ((size_t)m < 2 + length \&\& recv_all(client, message + m, 2 + length - (size_t)m) == -1)/
