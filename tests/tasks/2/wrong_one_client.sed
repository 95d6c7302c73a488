# It ends with its first client.
# report: client 1 ended its side\|client 2 sent .* the end of the stream
s/        close(client);/        return 0;/
