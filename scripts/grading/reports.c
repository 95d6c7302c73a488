/* reports: checks a lab report as far as a program can: whether every
 * part of it is written, and which run it shows. */
#define _GNU_SOURCE
#include "grading.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char not_written[] = "(write here)";

static bool has_port(const int *ports, int count, int port)
{
    for (int i = 0; i < count; i++)
        if (ports[i] == port)
            return true;
    return false;
}

/* The ports in a line, as in 127.0.0.1:50001 or [::1]:50001; and in
 * "every IPv4 address of this host, port 50001". */
static int ports_of(const char *line, int *ports, int most)
{
    int count = 0;
    for (const char *t = line; *t != '\0' && count < most; t++) {
        size_t skip = 0;
        if (*t == ':' && t > line
            && (isdigit((unsigned char)t[-1]) || t[-1] == ']'))
            skip = 1;
        else if (strncmp(t, ", port ", 7) == 0)
            skip = 7;
        if (skip == 0 || !isdigit((unsigned char)t[skip]))
            continue;
        long port = strtol(t + skip, NULL, 10);
        if (port > 1023 && port < 65536)
            ports[count++] = (int)port;
    }
    return count;
}

/* Finds the ports that a kernel chose: all except those that the
 * program asked for, in lines with bind, connect or LISTEN. */
static void find_ports(struct piece *p, char *output)
{
    enum { MOST = 8, ASKED = 64 };
    static const char *const asked_for[] = {"bind(", "connect(",
                                            "LISTEN"};
    int asked[ASKED], asked_count = 0, ports[MOST];
    char *copy = need(strdup(output)), *rest = copy;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;)
        for (int i = 0; i < 3; i++)
            if (strstr(line, asked_for[i])
                && asked_count + MOST < ASKED)
                asked_count +=
                    ports_of(line, asked + asked_count, MOST);
    for (char *line; (line = strsep(&output, "\n")) != NULL;) {
        int count = ports_of(line, ports, MOST);
        for (int i = 0; i < count; i++)
            if (!has_port(asked, asked_count, ports[i])
                && !has_port(p->ports, p->port_count, ports[i])
                && p->port_count < 8)
                p->ports[p->port_count++] = ports[i];
    }
    free(copy);
}

void judge_report(struct piece *p, char *bytes, size_t size)
{
    int left = 0;
    if (strlen(bytes) != size) {
        p->verdict = NOT_YET;
        snprintf(p->note, sizeof p->note, "it is not a text file");
        return;
    }
    for (char *t = bytes; (t = strstr(t, not_written)) != NULL; t++)
        left++;
    char *output = strstr(bytes, "\n## Output\n");
    char *run = output ? strstr(output, "\nRun on ") : NULL;
    char *end = output ? strstr(output + 4, "\n## ") : NULL;
    if (run != NULL && (end == NULL || run < end)) {
        if (end != NULL)
            *end = '\0';
        run += strlen("\nRun on ");
        snprintf(p->second, sizeof p->second, "%.*s",
                 (int)strcspn(run, ",\n"), run);
        find_ports(p, run);
    }
    p->verdict = left == 0 && p->second[0] != '\0' ? MENDED : NOT_YET;
    p->settled = true;
    if (p->second[0] == '\0')
        snprintf(p->note, sizeof p->note,
                 "there is no \"Run on ...\" under \"## Output\"");
    else if (left > 0)
        snprintf(p->note, sizeof p->note,
                 "%d of its parts %s not written", left,
                 left == 1 ? "is" : "are");
}
