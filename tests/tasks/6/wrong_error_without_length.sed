# An error has no Content-Length.
# report: the field Content-Length in the answer to GET /nothing.txt
s/^    char head\[120\];/&\n    if (status[0] == '4') {\n        snprintf(head, sizeof head, "HTTP\/1.1 %s\\r\\n\\r\\n", status);\n        return send_all(fd, head, strlen(head));\n    }/
