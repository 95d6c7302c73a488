# It looks for ".." at the start of the path alone.
# report: answer to GET /pictures/../../site-old
s|leads_out(path)|strncmp(path, "/..", 3) == 0|
s/^static bool leads_out/__attribute__((unused)) &/
