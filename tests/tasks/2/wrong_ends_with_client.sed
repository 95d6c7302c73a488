# A failed recv ends the server.
# report: left with a reset\|the answers to client 3
s/        perror("recv");/        exit(1);/
