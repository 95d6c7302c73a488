# ECONNREFUSED ends it.
# report: where nobody is at the port
s/        ssize_t n = recv(.*/&if (n == -1) { perror("recv"); exit(1); }/
