# A folder is answered as if it were a file.
# report: the answer to GET /pictures to begin with HTTP/1.1 and 404
s/ && S_ISREG(about.st_mode)//
s/^ *&& S_ISREG(about.st_mode);/;/
