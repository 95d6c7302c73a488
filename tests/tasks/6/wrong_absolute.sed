# The slash in front of the path is left out.
# report: answer to GET //etc/hosts
s/snprintf(name, sizeof name, ".%s%s", path,/snprintf(name, sizeof name, "%s%s", path + 1,/
