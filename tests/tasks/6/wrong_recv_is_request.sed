# What recv returns is taken for a request.
# report: in two pieces, the second one
s/while (keep && (end = strstr/if ((end = strstr(bytes, "\\r\\n\\r\\n")) == NULL) keep = false;\n        &/
