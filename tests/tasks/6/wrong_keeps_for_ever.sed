# Connection: close is not looked at.
# report: Connection: close.*expected *then the end of the stream
s/&& !says_close(head)/\&\& (says_close(head) || 1)/
