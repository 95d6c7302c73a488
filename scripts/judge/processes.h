/* processes.h: what /proc says of processes. proc(5) */
#ifndef PROCESSES_H
#define PROCESSES_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/* How many a user has that we are; counts threads. */
rlim_t processes_of_user(void);

/* ---- all that are below a process, its descendants ---- */

/* How many of them run or, if asked, are zombies. */
int count_below(pid_t root, bool zombies);
/* The processor time that they have used, in seconds. */
double work_below(pid_t root);
/* Whether a thread of theirs runs or waits for a processor. */
bool awake_below(pid_t root);
/* The child of `root` that is there longest; 0: it has none. */
pid_t eldest_child(pid_t root);
/* Sends a signal to them all or, unless that is 0, to `only` one. For
 * SIGSTOP it waits, up to a second, until they have stopped. */
void signal_below(pid_t root, pid_t only, int number);

/* ---- all that are below us ---- */

/* Like `now`, but stands still while a descendant of ours waits for a
 * processor: nobody is late because the machine is busy. */
long long fair_now(void);
/* What fair_now saw: the memory that they use, in MiB, and how many run. */
long memory_below(void);
long processes_below(void);
/* Kills them. */
void sweep(void);

#endif
