# send waits for each client.
# report: and clients 4 to 7 read nothing
s/MSG_NOSIGNAL | MSG_DONTWAIT/MSG_NOSIGNAL/
