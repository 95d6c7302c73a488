/* processes.h: fork and waitpid, where a socket may have two owners. */
#ifndef NARRATE_PROCESSES_H
#define NARRATE_PROCESSES_H

/* Adds the descriptors of all open sockets, "3 and 4", and notes that
 * another process holds them too. Returns how many there are. */
NARRATE_APART int narrate_share(struct narrate_text *t)
{
    struct narrate_seen *seen = narrate_kernel.seen;
    int count = 0, left = 0;

    for (int sock = 0; sock < narrate_few(); sock++)
        left += seen[sock].open && narrate_look(sock)->open;
    for (int sock = 0; left > 0 && sock < narrate_few(); sock++)
        if (seen[sock].open) {
            seen[sock].shared = true;
            left--;
            narrate_add(t, "%s%d",
                        count++ == 0 ? ""
                        : left == 0  ? " and "
                                     : ", ",
                        sock);
        }
    return count;
}

NARRATE_APART void narrate_means_fork(struct narrate_call *call)
{
    NARRATE_TEXT(t, 100);
    int count;

    if (call->result == 0) {
        narrator.living = 0;
        narrate_means(call, 0, "We are the child.");
        narrate_share(&t);
        return;
    }
    narrator.living++;
    narrate_means(call, 0, "Our child runs, too, from here on.");
    count = narrate_share(&t);
    if (count > 0)
        narrate_means(
            call, 0, "Both hold our socket%s now: descriptor%s %s.",
            count == 1 ? "" : "s", count == 1 ? "" : "s", t.text);
}

NARRATE_APART void narrate_adds_waitpid(struct narrate_call *call,
                                        struct narrate_text *t)
{
    static const struct narrate_name flags[] = {
        NARRATE_NAME(WNOHANG),
        NARRATE_NAME(WUNTRACED),
        NARRATE_NAME(WCONTINUED),
    };

    NARRATE_ADD_FLAGS(t, call->arg[2], flags);
}

NARRATE_APART bool narrate_until_waitpid(struct narrate_call *call,
                                         struct narrate_text *t)
{
    narrate_add(t, "a child ends");
    return (call->arg[2] & WNOHANG) == 0 && narrator.living > 0;
}

NARRATE_APART bool narrate_there_waitpid(struct narrate_call *call,
                                         struct narrate_text *t)
{
    pid_t child = (pid_t)call->arg[0];
    siginfo_t found;

    found.si_pid = 0;
    return waitid(child > 0     ? P_PID
                  : child == -1 ? P_ALL
                                : P_PGID,
                  (id_t)(child > 0    ? child
                         : child == 0 ? getpgrp()
                                      : -child),
                  &found, WEXITED | WNOHANG | WNOWAIT)
               == -1
           || (found.si_pid != 0
               && narrate_was(t, 15, "A child had already ended."));
}

/* Tells of a child that ended, often in a SIGCHLD handler. wait(2). */
NARRATE_APART void narrate_means_waitpid(struct narrate_call *call)
{
    const int *status = narrate_pointer(call, 1);

    if (call->result > 0 && (call->arg[2] & ~WNOHANG) != 0
        && (status == NULL
            || (!WIFEXITED(*status) && !WIFSIGNALED(*status))))
        return; /* stopped, or goes on */
    narrator.living -= call->result > 0 && narrator.living > 0;
    narrate_means(call, 0,
                  call->result > 0   ? "A child has ended. It is no"
                                       " zombie any more."
                  : call->arg[0] > 0 ? "It has not ended."
                                     : "No other child has ended.");
}

NARRATE_APART void narrate_fails_waitpid(struct narrate_call *call)
{
    call->nothing = call->arg[0] > 0 ? "That is no child of ours."
                                     : "We have no children any more.";
}

#endif
