/* system: the parts of this system that a judged program needs. */
#define _POSIX_C_SOURCE 200809L
#include "system.h"
#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

bool system_parts(bool (*act)(const char *path, void *with), void *with)
{
    static const char *const not_needed[] = {
        ".", "..", "home", "local", "share", "src", "tmp", "games"};
    static const char *const others[] = {"/bin",
                                         "/sbin",
                                         "/lib",
                                         "/lib32",
                                         "/lib64",
                                         "/libx32",
                                         "/usr/local/bin",
                                         "/usr/local/lib",
                                         "/usr/local/include",
                                         "/etc/alternatives",
                                         "/etc/ld.so.cache",
                                         "/etc/ld.so.conf",
                                         "/etc/ld.so.conf.d",
                                         "/etc/ld-musl-x86_64.path",
                                         "/etc/ld-musl-aarch64.path"};
    bool whole = true;
    DIR *usr = opendir("/usr");
    for (struct dirent *e; usr && (e = readdir(usr)) != NULL;) {
        char path[300];
        bool needed = true;
        for (size_t i = 0; i < sizeof not_needed / sizeof *not_needed;
             i++)
            needed &= strcmp(e->d_name, not_needed[i]) != 0;
        snprintf(path, sizeof path, "/usr/%s", e->d_name);
        if (needed)
            whole &= act(path, with);
    }
    if (usr)
        closedir(usr);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        whole &= act(others[i], with);
    return whole;
}
