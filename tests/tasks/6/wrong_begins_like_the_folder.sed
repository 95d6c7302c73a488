# A path is in the folder if its name begins so.
# report: answer to GET /../site-old/plan.txt
s/^#define _POSIX_C_SOURCE.*/#define _GNU_SOURCE/
s/^    for (; (path = strstr(path, "\/..")).*/    char root[4096], real[4096], name[9000];\n    snprintf(name, sizeof name, ".%s", path);\n    return realpath(".", root) \&\& realpath(name, real) \&\& strncmp(real, root, strlen(root)) != 0;/
/if (path\[3\] == '\/'/d
/^            return true;/d
/^    return false;/d
