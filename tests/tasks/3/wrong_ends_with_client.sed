# A client that is gone ends the server.
# report: client 1 ended its side\|client 2
s/        close(client);/        return 0;/
