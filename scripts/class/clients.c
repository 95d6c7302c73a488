#define _DEFAULT_SOURCE 1 /* clock_gettime */
#include "clients.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct room room = {.newest = NOBODY};

static struct listener listener;

void listen_to_room(struct listener wanted)
{
    listener = wanted;
}

static void tell(enum event event, struct client *client)
{
    if (listener.client != NULL)
        listener.client(event, client);
}

/* The ports at this machine from which the crowd calls, and from which
 * address. */
static bool crowds[65536];
static char crowds_host[NAME];

long long milliseconds(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* How long the address is in "192.168.1.7:50001" or "[::1]:50001". */
static size_t host_size(const char *peer)
{
    const char *colon = strrchr(peer, ':');

    return colon == NULL ? strlen(peer) : (size_t)(colon - peer);
}

/* The entry for the address of this peer, a new one if need be. When the
 * table is full, that takes the place of one from which nobody is here:
 * there is one, since there are fewer clients than entries. */
static struct host *host_of(const char *peer)
{
    size_t size = host_size(peer);
    struct host *free_one = room.hosts;

    for (size_t i = 0; i < room.host_count; i++) {
        struct host *host = &room.hosts[i];

        if (strncmp(host->name, peer, size) == 0
            && host->name[size] == '\0')
            return host;
        if (host->here == 0)
            free_one = host;
    }
    if (room.host_count < CLIENTS)
        free_one = &room.hosts[room.host_count++];
    *free_one = (struct host){.here = 0};
    memcpy(free_one->name, peer, size);
    return free_one;
}

/* ---- who comes and goes -------------------------------------------- */

/* Marks a client whose other end the crowd has called its own. */
static void mark(struct client *c)
{
    size_t size = host_size(c->peer);

    if (c->simulated || strlen(crowds_host) != size
        || memcmp(crowds_host, c->peer, size) != 0
        || !crowds[atoi(c->peer + size + 1) & 0xFFFF])
        return;
    c->simulated = true;
    c->host->simulated++;
    room.simulated++;
}

/* The server has closed this descriptor, of a client or not. */
static void left(int descriptor)
{
    struct client *c = &room.clients[descriptor];

    if (!c->here)
        return;
    if (c->newer == NOBODY)
        room.newest = c->older;
    else
        room.clients[c->newer].older = c->older;
    if (c->older != NOBODY)
        room.clients[c->older].newer = c->newer;
    c->here = false;
    c->host->here--;
    room.here--;
    if (c->simulated) {
        c->host->simulated--;
        room.simulated--;
        crowds[atoi(c->peer + host_size(c->peer) + 1) & 0xFFFF] = false;
    }
    room.let_go += c->idle;
    tell(c->idle ? DISCONNECTED : LEFT, c);
}

/* The server has accepted a caller. */
static void joined(int descriptor, const char *peer)
{
    struct client *c = &room.clients[descriptor];

    left(descriptor);
    *c = (struct client){.here = true, .newer = NOBODY};
    snprintf(c->peer, sizeof c->peer, "%s", peer);
    c->since = milliseconds();
    c->older = room.newest;
    if (c->older != NOBODY)
        room.clients[c->older].newer = descriptor;
    room.newest = descriptor;
    c->host = host_of(c->peer);
    c->host->here++;
    c->host->all++;
    c->serial = ++room.all;
    room.here++;
    if (room.here > room.most)
        room.most = room.here;
    room.refused[0] = '\0';
    mark(c);
    tell(JOINED, c);
}

/* ---- the narration ------------------------------------------------- *
 *
 * A call's line begins with its number, in three columns; what belongs to
 * it follows with five blanks before it, and where that is too long goes
 * on in a line of five blanks again; a call that is too long goes on with
 * nine. What a client has sent stands in quotes and in one line, after
 * `received: ` or in a call of send, so that nothing it may have written
 * is taken for the lesson's own words. Those begin in the first column.
 */

static enum { OTHER, ACCEPT, RECV } step;
static int descriptor; /* that the call returned, or that it is about */
static long received;

/* The client at this descriptor, or NULL. */
static struct client *client_at(int number)
{
    return number >= 0 && number < CLIENTS && room.clients[number].here
               ? &room.clients[number]
               : NULL;
}

/* What follows "NUMBER  " in a call's line, or NULL for another line. */
static const char *call_in(const char *line)
{
    size_t blanks = strspn(line, " ");
    const char *at = line + blanks;

    if (blanks > 2 || !isdigit((unsigned char)*at))
        return NULL;
    while (isdigit((unsigned char)*at))
        at++;
    return strncmp(at, "  ", 2) == 0 ? at + 2 : NULL;
}

/* The number after " = ", or -2 if the line has none yet. */
static long value_of(const char *call)
{
    const char *equals = strstr(call, ") = ");

    return equals == NULL ? -2 : strtol(equals + 4, NULL, 10);
}

/* `accept` has failed. That the caller is gone already is no reason for
 * a rest (see `welcome` in the lesson). */
static void not_accepted(const char *call)
{
    const char *error = strstr(call, " E");

    if (error != NULL && strcmp(error + 1, "EAGAIN") != 0
        && strcmp(error + 1, "ECONNABORTED") != 0)
        snprintf(room.refused, sizeof room.refused, "%.*s", NAME - 1,
                 error + 1);
}

/* A call's line: what it means for who is here. */
static void stepped(const char *call)
{
    struct client *c;

    step = OTHER;
    room.own_words[0] = '\0';
    if (strncmp(call, "poll(", 5) == 0) {
        /* "poll([{4, POLLIN}, {3, 0}, ...": callers stay in the queue. */
        room.queueing = strstr(call, ", 0}") != NULL;
    } else if (strncmp(call, "accept(", 7) == 0) {
        step = ACCEPT;
        descriptor = (int)value_of(call);
        if (descriptor == -1)
            not_accepted(call);
    } else if (strncmp(call, "recv(", 5) == 0) {
        step = RECV;
        descriptor = atoi(call + 5);
        received = value_of(call);
        c = client_at(descriptor);
        if (c != NULL && received > 0) {
            c->said[0] = '\0';
            c->host->bytes += received;
            room.bytes += received;
            room.messages++;
        }
    } else if (strncmp(call, "send(", 5) == 0) {
        /* Now all lines of what the client has sent are here. */
        c = client_at(descriptor);
        if (c != NULL && received > 0)
            tell(SAID_IT, c);
        received = 0;
    } else if (strncmp(call, "close(", 6) == 0) {
        c = client_at(atoi(call + 6));
        if (c != NULL)
            left(atoi(call + 6));
    }
}

/* What is said below `recv`, line by line: what the client has sent. */
static void quoted(const char *text)
{
    struct client *c = client_at(descriptor);
    size_t used;

    if (c == NULL || received <= 0)
        return;
    used = strlen(c->said);
    snprintf(c->said + used, SAID - used, "%s%s", used ? " " : "",
             text);
}

/* "Descriptor 6 is for this one peer, 192.168.1.7:50001." below `accept`;
 * the address may stand in a line of its own. */
static void accepted(const char *text)
{
    const char *space = strrchr(text, ' ');
    const char *word = space == NULL ? text : space + 1;
    size_t size = strlen(word);
    char peer[NAME];

    if (descriptor < 0 || descriptor >= CLIENTS || size < 2
        || size > sizeof peer || word[size - 1] != '.'
        || strchr(word, ':') == NULL)
        return;
    snprintf(peer, sizeof peer, "%.*s", (int)size - 1, word);
    joined(descriptor, peer);
    descriptor = -1;
}

void narrated(const char *line)
{
    static const char received_is[] = "     received: ";
    const char *call = call_in(line);
    struct client *c;
    int number;

    if (call != NULL) {
        stepped(call);
    } else if (line[0] != ' ') {
        snprintf(room.own_words, sizeof room.own_words, "%s", line);
        if (sscanf(line, "Descriptor %d: no byte", &number) != 1)
            return;
        c = client_at(number);
        if (c != NULL)
            c->idle = true;
    } else if (strncmp(line, received_is, sizeof received_is - 1) == 0) {
        if (step == RECV && received > 0)
            quoted(line + sizeof received_is - 1);
    } else if (strncmp(line, "     ", 5) == 0 && line[5] != ' ') {
        if (step == ACCEPT)
            accepted(line + 5);
    }
}

/* ---- the crowd, and the rates -------------------------------------- */

void crowd_says(const char *line)
{
    const char *peer = line + 5;

    if (strncmp(line, "mine ", 5) != 0) {
        snprintf(room.simulation, sizeof room.simulation, "%s", line);
        if (listener.crowd != NULL)
            listener.crowd(line);
        return;
    }
    snprintf(crowds_host, sizeof crowds_host, "%.*s",
             (int)host_size(peer), peer);
    crowds[atoi(peer + host_size(peer) + 1) & 0xFFFF] = true;
    for (int i = room.newest; i != NOBODY; i = room.clients[i].older)
        mark(&room.clients[i]);
}

void count_rates(void)
{
    static long long messages, bytes;

    for (size_t i = 0; i < room.host_count; i++) {
        struct host *host = &room.hosts[i];

        host->rate = host->bytes - host->before;
        host->before = host->bytes;
    }
    room.message_rate = (long)(room.messages - messages);
    room.byte_rate = room.bytes - bytes;
    messages = room.messages;
    bytes = room.bytes;
}
