# Each ping goes twice.
# report: the bytes of ping 1 once more
s/^        perror("send");.*/&\
    send(sock, text, size, 0);/
