#define _XOPEN_SOURCE 700 /* O_NOFOLLOW, localtime_r */
#include "log.h"
#include "../common/clock.h"
#include "../common/files.h"
#include "../play/screen.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PAUSE = 1000, /* milliseconds between two lines of one client */
    HOST_PAUSE = 30, /* and of all clients from one address */
    PATIENCE = 30000, /* how long a line may wait */
    WAITING = 8192 /* lines that may wait */
};

static int file = -1;
static int failed; /* errno of a write that failed, or 0 */

/* A line that waits until it is due. */
static struct waiting {
    long long due; /* by `now` */
    long client; /* the serial of its client */
    bool named; /* it gives a name */
    char text[2 * NAME + SAID];
} waiting[WAITING];
static int waiting_count;
static long left_out; /* lines that came too fast */

int log_open(const char *name)
{
    file = file_open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
    return file == -1 ? -1 : fchmod(file, 0600);
}

/* Writes a line with one write, so that a reader sees only whole lines. */
static void put_line(const char *text)
{
    char line[sizeof waiting[0].text + 2];
    int size = snprintf(line, sizeof line, "%s\n", text);
    ssize_t n;

    if (file == -1 || failed != 0)
        return;
    n = write(file, line, (size_t)size);
    if (n != size) /* only part of it: the disk is full */
        failed = n == -1 ? errno : ENOSPC;
}

/* Turns \xC3\xB6, as the lesson shows a letter beyond ASCII, back into
 * the letter. */
static void bring_back_letters(char *text)
{
    char *to = text;
    unsigned byte;

    while (*text != '\0')
        if (sscanf(text, "\\x%2X", &byte) == 1 && byte >= 0x80) {
            *to++ = (char)byte;
            text += 4;
        } else {
            *to++ = *text++;
        }
    *to = '\0';
}

/* Takes the name out of what the client has said, which the lesson has
 * escaped and put in quotes: "name: Ada\n". False if it is no name. */
static bool name_in(char *name, size_t size, const char *said)
{
    static const char begin[] = "\"name:";
    const char *end;

    if (strncmp(said, begin, sizeof begin - 1) != 0)
        return false;
    said += sizeof begin - 1;
    said += strspn(said, " ");
    end = strstr(said, "\\n");
    if (end == NULL)
        end = said + strcspn(said, "\"");
    /* A line from telnet ends with a carriage return, too. */
    while (end > said
           && (end[-1] == ' ' || strncmp(end - 4, "\\x0D", 4) == 0))
        end -= end[-1] == ' ' ? 1 : 4;
    snprintf(name, size, "%.*s", (int)(end - said), said);
    bring_back_letters(name);
    screen_clean(name);
    return name[0] != '\0';
}

/* The waiting line that gives this client's name, or NULL. */
static struct waiting *waiting_name(long client)
{
    for (int i = waiting_count - 1; i >= 0; i--)
        if (waiting[i].client == client && waiting[i].named)
            return &waiting[i];
    return NULL;
}

/* When the next line of this client is due; reserves that time. */
static long long next_time(struct client *client)
{
    long long due = now();

    if (due < client->next_line)
        due = client->next_line;
    if (due < client->host->next_line)
        due = client->host->next_line;
    client->next_line = due + PAUSE;
    client->host->next_line = due + HOST_PAUSE;
    return due;
}

void log_event(enum event event, struct client *client)
{
    static const char *const words[] = {
        [JOINED] = "joined",
        [LEFT] = "left",
        [DISCONNECTED] = "disconnected",
        [SAID_IT] = "name:",
    };
    struct waiting line = {.client = client->serial}, *old = NULL;
    char name[SAID] = "", when[32] = "";
    time_t clock = time(NULL);
    struct tm tm;

    line.named = event == SAID_IT;
    if (file == -1 || client->simulated
        || (line.named && !name_in(name, sizeof name, client->said)))
        return;
    if (localtime_r(&clock, &tm) != NULL)
        strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &tm);
    snprintf(line.text, sizeof line.text, "%s  %s  %s%s%s", when,
             client->peer, words[event], line.named ? " " : "", name);
    if (line.named)
        old = waiting_name(line.client);
    if (old != NULL) {
        memcpy(old->text, line.text, sizeof old->text);
        return;
    }
    line.due = next_time(client);
    if (line.due <= now())
        put_line(line.text);
    else if (waiting_count < WAITING && line.due < now() + PATIENCE)
        waiting[waiting_count++] = line;
    else
        left_out++;
}

int log_write(bool all)
{
    long long time_now = now();
    char text[64];
    int kept = 0;

    for (int i = 0; i < waiting_count; i++)
        if (all || waiting[i].due <= time_now)
            put_line(waiting[i].text);
        else
            waiting[kept++] = waiting[i];
    waiting_count = kept;
    if (left_out > 0 && (all || waiting_count < WAITING / 2)) {
        snprintf(text, sizeof text, "(%ld lines left out)", left_out);
        left_out = 0;
        put_line(text);
    }
    if (failed == 0 || file == -1)
        return 0;
    close(file);
    file = -1;
    errno = failed;
    return -1;
}
