#include "clients.h"
#include "../common/clock.h"
#include "../play/engine.h"
#include <stdlib.h>
#include <string.h>

static struct class class = {.newest = NOBODY};

const struct class *the_class(void)
{
    return &class;
}

static struct listener listener;

void listen_to_class(struct listener wanted)
{
    listener = wanted;
}

static void tell(enum event event, struct client *client)
{
    if (listener.client != NULL)
        listener.client(event, client);
}

static int door = -1; /* the listening socket, while there is one */

/* The ports from which the crowd calls, and its address, on this
 * machine. */
static bool crowds[65536];
static char crowds_host[NAME];

/* The length of the address in "192.168.1.7:50001" or "[::1]:50001". */
static size_t host_size(const char *peer)
{
    const char *colon = strrchr(peer, ':');

    return colon == NULL ? strlen(peer) : (size_t)(colon - peer);
}

/* The entry for the address of this peer, made if it is new. If the table
 * is full, it replaces an entry that has no client here: there is one,
 * since there are fewer clients than entries. */
static struct host *host_of(const char *peer)
{
    size_t size = host_size(peer);
    struct host *free_one = class.hosts;

    for (size_t i = 0; i < class.host_count; i++) {
        struct host *host = &class.hosts[i];

        if (strncmp(host->name, peer, size) == 0
            && host->name[size] == '\0')
            return host;
        if (host->here == 0)
            free_one = host;
    }
    if (class.host_count < CLIENTS)
        free_one = &class.hosts[class.host_count++];
    *free_one = (struct host){.here = 0};
    memcpy(free_one->name, peer, size);
    return free_one;
}

/* ---- who comes and goes -------------------------------------------- */

/* Marks a client as simulated if the crowd has named its address. */
static void mark(struct client *c)
{
    size_t size = host_size(c->peer);

    if (c->simulated || strlen(crowds_host) != size
        || memcmp(crowds_host, c->peer, size) != 0
        || !crowds[atoi(c->peer + size + 1) & 0xFFFF])
        return;
    c->simulated = true;
    c->host->simulated++;
    class.simulated++;
}

/* The server has closed a client's descriptor: because the client has
 * closed its side or is lost, or because the server ends (it has closed
 * the listening socket before), or else because the client was silent. */
static void left(struct client *c)
{
    bool silent = !c->ended && door != -1;

    if (c->newer == NOBODY)
        class.newest = c->older;
    else
        class.clients[c->newer].older = c->older;
    if (c->older != NOBODY)
        class.clients[c->older].newer = c->newer;
    c->here = false;
    c->host->here--;
    class.here--;
    if (c->simulated) {
        c->host->simulated--;
        class.simulated--;
        crowds[atoi(c->peer + host_size(c->peer) + 1) & 0xFFFF] = false;
    }
    class.let_go += silent;
    tell(silent ? DISCONNECTED : LEFT, c);
}

/* The server has accepted a caller; `peer` is "" if it is gone again. */
static void joined(int descriptor, const char *peer)
{
    struct client *c;

    if (descriptor < 0 || descriptor >= CLIENTS
        || strlen(peer) >= sizeof c->peer || strchr(peer, ':') == NULL)
        return;
    c = &class.clients[descriptor];
    if (c->here)
        left(c);
    *c = (struct client){.here = true, .newer = NOBODY};
    snprintf(c->peer, sizeof c->peer, "%s", peer);
    c->since = now();
    c->older = class.newest;
    if (c->older != NOBODY)
        class.clients[c->older].newer = descriptor;
    class.newest = descriptor;
    c->host = host_of(c->peer);
    c->host->here++;
    c->host->all++;
    c->serial = ++class.all;
    class.here++;
    if (class.here > class.most)
        class.most = class.here;
    class.refused[0] = '\0';
    mark(c);
    tell(JOINED, c);
}

/* ---- what the lesson tells ------------------------------------------ */

static struct client *speaks; /* whose bytes have just come */

/* The client at this descriptor, or NULL. */
static struct client *client_at(long number)
{
    return number >= 0 && number < CLIENTS && class.clients[number].here
               ? &class.clients[number]
               : NULL;
}

/* Does the server leave callers in the queue? Its poll then asks for no
 * events of the listening socket. */
static bool leaves_callers(const char *arguments)
{
    char nothing[32];

    snprintf(nothing, sizeof nothing, "{%d, 0}", door);
    return strstr(arguments, nothing) != NULL;
}

/* `accept` has failed. Keeps the error, unless there was no caller, or it
 * is gone again: the server does not pause for that (`welcome`). */
static void not_accepted(const char *error)
{
    if (strcmp(error, "EAGAIN") != 0
        && strcmp(error, "ECONNABORTED") != 0)
        snprintf(class.refused, sizeof class.refused, "%s", error);
}

/* A call of the server has returned: notes what it did to the class. */
static void called(const struct play_record *told)
{
    const char *call = told->call;
    long number = strtol(told->arguments, NULL, 10);
    struct client *c = client_at(number);
    bool receives = strcmp(call, "recv") == 0;

    if (speaks != NULL) /* the records of its recv are complete */
        tell(SAID_IT, speaks);
    speaks = NULL;
    if (strcmp(call, "listen") == 0) {
        door = (int)number;
    } else if (strcmp(call, "accept") == 0 && told->result == -1) {
        not_accepted(told->error);
    } else if (strcmp(call, "close") == 0) {
        if (number == door)
            door = -1;
        if (c != NULL)
            left(c);
    } else if (c != NULL && (receives || strcmp(call, "send") == 0)) {
        if (told->result == 0
            || (told->result == -1
                && strcmp(told->error, "EAGAIN") != 0))
            c->ended = true;
        if (receives && told->result > 0) {
            speaks = c;
            c->said[0] = '\0';
            c->host->bytes += told->result;
            class.bytes += told->result;
            class.messages++;
        }
    }
}

/* A record has what the client sent, or a piece of that, in quotes. */
static void received(const struct play_record *told)
{
    const char *quoted = strchr(told->text, '"');
    size_t used;

    if (speaks == NULL || quoted == NULL)
        return;
    used = strlen(speaks->said);
    snprintf(speaks->said + used, SAID - used, "%s%s", used ? " " : "",
             quoted);
}

void lesson_tells(const struct play_event *event)
{
    const struct play_record *told = &event->told;

    if (event->kind == PLAY_CALL)
        called(told);
    else if (event->kind == PLAY_CAME)
        received(told);
    else if (event->kind == PLAY_KERNEL
             && strcmp(told->call, "accept") == 0)
        joined(told->sock, told->peer);
    else if (event->kind == PLAY_BLOCKS)
        class.queueing = leaves_callers(told->arguments);
}

/* ---- the crowd, and the rates -------------------------------------- */

void crowd_says(const char *line)
{
    const char *peer = line + 5;

    if (strncmp(line, "mine ", 5) != 0) {
        snprintf(class.simulation, sizeof class.simulation, "%s", line);
        if (listener.crowd != NULL)
            listener.crowd(line);
        return;
    }
    snprintf(crowds_host, sizeof crowds_host, "%.*s",
             (int)host_size(peer), peer);
    crowds[atoi(peer + host_size(peer) + 1) & 0xFFFF] = true;
    for (int i = class.newest; i != NOBODY; i = class.clients[i].older)
        mark(&class.clients[i]);
}

void count_rates(void)
{
    static long long messages, bytes;

    for (size_t i = 0; i < class.host_count; i++) {
        struct host *host = &class.hosts[i];

        host->rate = host->bytes - host->before;
        host->before = host->bytes;
    }
    class.message_rate = (long)(class.messages - messages);
    class.byte_rate = class.bytes - bytes;
    messages = class.messages;
    bytes = class.bytes;
}
