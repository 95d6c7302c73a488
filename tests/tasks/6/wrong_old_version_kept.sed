# HTTP/1.0 keeps the connection, too.
# report: HTTP/1.0.*expected *then the end of the stream
s/&& minor != '0'/\&\& minor != '\\0'/
