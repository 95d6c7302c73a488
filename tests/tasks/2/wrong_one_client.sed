# It ends with its first client.
# report: client 1 ended its side
s/        close(client);/        return 0;/
