# send waits for each client.
# report: and client 4 reads nothing
s/MSG_NOSIGNAL | MSG_DONTWAIT/MSG_NOSIGNAL/
