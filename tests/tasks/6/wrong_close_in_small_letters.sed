# The names of fields are compared with capital letters.
# report: connection: CLOSE.*expected *then the end of the stream
s/strcasecmp(name, "Connection")/strcmp(name, "Connection")/
