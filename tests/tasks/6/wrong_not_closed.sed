# The file is never closed.
# report: GET / of visitor [0-9]* to begin with HTTP/1.1 and 200
s/^    if (file != -1)$/    if (file == -1)/
