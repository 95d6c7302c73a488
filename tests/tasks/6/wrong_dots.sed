# It does not look for "..".
# report: the answer to GET /../site-old
s/ || leads_out(path))/)/
s/^static bool leads_out/__attribute__((unused)) &/
