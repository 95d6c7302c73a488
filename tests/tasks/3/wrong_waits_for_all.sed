# It answers when the client has ended its side.
# report: nothing for 3 seconds
s/        if (send_all(client, message/        char c; while (recv(client, \&c, 1, 0) > 0) ; if (send_all(client, message/
