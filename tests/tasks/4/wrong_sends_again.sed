# A lost ping is sent again.
# report: once more
s/^            continue;/{ send(sock, text, size, 0); continue; }/
