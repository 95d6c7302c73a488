/* The class, as the records of lesson 11 tell of it. */
#ifndef CLIENTS_H
#define CLIENTS_H

#include "../play/play.h"

enum {
    CLIENTS = 8192, /* more than the lesson allows descriptors */
    NAME = 64, /* bytes for an address with its port */
    SAID = 160 /* bytes for what a client has said, escaped */
};

/* An address from which somebody is or was connected. */
struct host {
    char name[NAME];
    int here, simulated; /* of its connections */
    long all; /* connections there have been */
    long long bytes, rate; /* received; and in the last second */
    long long before; /* `bytes`, a second ago */
    long long next_line; /* log.c: when it may have one again */
};

/* What is at a descriptor of the server. */
struct client {
    bool here, simulated;
    bool ended; /* its side, or it is lost */
    long serial; /* the how manieth it is, from 1 */
    char peer[NAME]; /* 192.168.1.7:50001 or [fd00::7]:50001 */
    char said[SAID]; /* last, in quotes, escaped */
    long long since; /* when it came, by `milliseconds` */
    long long next_line, next_said; /* when it may have one again */
    long unsaid; /* lines that came too fast to be printed */
    struct host *host;
    int newer, older; /* neighbours in the order of coming, or NOBODY */
};
enum { NOBODY = -1 };

extern struct room {
    struct client clients[CLIENTS]; /* by descriptor */
    int newest;
    int here, most, simulated;
    long all, let_go; /* clients that have been; disconnected */
    long long messages, bytes; /* received */
    long message_rate; /* in the last second */
    long long byte_rate;
    bool queueing; /* callers are left in the queue */
    char refused[NAME]; /* the last error of accept, or nothing */
    char simulation[128]; /* what the crowd says of its answers */
    struct host hosts[CLIENTS];
    size_t host_count;
} room;

/* Milliseconds since some moment in the past. clock_gettime(2). */
long long milliseconds(void);

/* Takes what the lesson tells. */
void lesson_tells(const struct play_event *event);

/* Takes a line of the crowd's: "mine ADDRESS:PORT" is a connection of
 * its own, anything else a report. */
void crowd_says(const char *line);

/* Takes stock, once a second: what the rates are. */
void count_rates(void);

/* What a client did, or had done to it. */
enum event {
    JOINED,
    LEFT,
    DISCONNECTED, /* by the server, for its silence */
    SAID_IT /* `said` is what came */
};

/* Who wants to hear of that, and of what the crowd reports. */
struct listener {
    void (*client)(enum event event, struct client *client);
    void (*crowd)(const char *report);
};
void listen_to_room(struct listener listener);

#endif
