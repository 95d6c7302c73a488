# HEAD gets the file, too.
# report: HEAD /pictures/cat.png HTTP/1.1.*expected *then the end of the stream
s/found && sent && !only_head/found \&\& sent/
