/* The class, as the records of lesson 11 describe it. */
#ifndef CLIENTS_H
#define CLIENTS_H

#include "../play/play.h"

enum {
    CLIENTS = 8192, /* more than the lesson may have descriptors */
    NAME = 64, /* bytes for an address with its port */
    SAID = 160 /* bytes for what a client has said, escaped */
};

/* An address from which somebody is or was connected. */
struct host {
    char name[NAME];
    int here, simulated; /* connections now; simulated ones of them */
    long all; /* connections so far */
    long long bytes, rate; /* received in all; in the last second */
    long long before; /* `bytes`, a second ago */
    long long next_line; /* log.c: time from which it may have one */
};

/* The client at a descriptor of the server. */
struct client {
    bool here, simulated;
    bool ended; /* it has closed its side, or is lost */
    long serial; /* its number in the order of arrival, from 1 */
    char peer[NAME]; /* 192.168.1.7:50001 or [fd00::7]:50001 */
    char said[SAID]; /* last, in quotes, escaped */
    long long since; /* when it came, by `now` */
    long long next_line, next_said; /* from when: log.c, board.c */
    long unsaid; /* lines that came too fast to be printed */
    struct host *host;
    int newer, older; /* neighbours in order of arrival, or NOBODY */
};
enum { NOBODY = -1 };

struct class
{
    struct client clients[CLIENTS]; /* by descriptor */
    int newest;
    int here, most, simulated;
    long all, let_go; /* clients so far; disconnected for silence */
    long long messages, bytes; /* received */
    long message_rate; /* in the last second */
    long long byte_rate;
    bool queueing; /* the server leaves callers in the queue */
    char refused[NAME]; /* the last error of accept, or "" */
    char simulation[128]; /* the last report of the crowd */
    struct host hosts[CLIENTS];
    size_t host_count;
};

/* As it is now. */
const struct class *the_class(void);

/* Takes a record of lesson 11. */
void lesson_tells(const struct play_event *event);

/* Takes a line of the crowd: "mine ADDRESS:PORT" is one of its own
 * connections, anything else a report. */
void crowd_says(const char *line);

/* Call this once a second: computes the rates. */
void count_rates(void);

/* What a client did, or had done to it. */
enum event {
    JOINED,
    LEFT,
    DISCONNECTED, /* by the server, after too long a silence */
    SAID_IT /* `said` is what came */
};

/* Functions that are called for that, and for a report of the crowd. */
struct listener {
    void (*client)(enum event event, struct client *client);
    void (*crowd)(const char *report);
};
void listen_to_class(struct listener listener);

#endif
