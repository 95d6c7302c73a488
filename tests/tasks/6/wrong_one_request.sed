# The connection ends after an answer.
# report: request 2 of client 4
s/^    return answer(fd, path, only_head) && minor/    return answer(fd, path, only_head) \&\& false \&\& minor/
