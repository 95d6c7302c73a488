# %20 is not decoded.
# report: GET /tea%20list.txt HTTP/1.1.*to begin with HTTP/1.1 and 200
s/^    decode(path);//
s/^static void decode/__attribute__((unused)) &/
