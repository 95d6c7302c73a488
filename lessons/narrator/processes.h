/* processes.h: fork and waitpid, where a socket may have two owners. */
#ifndef NARRATE_PROCESSES_H
#define NARRATE_PROCESSES_H

/* Adds the descriptors of all open sockets, "3 and 4", and notes that
 * another process holds them too. Returns how many there are. */
NARRATE_APART int narrate_share(struct narrate_text *t)
{
    int count = 0, left = 0;

    for (int sock = 0; sock < NARRATE_SEEN; sock++)
        left += narrator.seen[sock].open && narrate_see(sock)->open;
    for (int sock = 0; left > 0 && sock < NARRATE_SEEN; sock++)
        if (narrator.seen[sock].open) {
            narrator.seen[sock].shared = true;
            left--;
            narrate_add(t, "%s%d",
                        count++ == 0 ? ""
                        : left == 0  ? " and "
                                     : ", ",
                        sock);
        }
    return count;
}

/* The child sets its number at once: its lines show it. Children of a
 * child have none; their lines show the process. fork(2). */
NARRATE_TAKE(pid_t, fork, (void), ())
{
    struct narrate_call call;
    struct narrate_text t;
    pid_t result;
    int count;

    if (!narrate_enter(&call, NARRATE_NONE, "fork", NULL))
        return narrate_real_fork();
    narrate_before(&call, NULL);
    narrator.children++;
    narrator.lasting = narrate_lasting;
    result = narrate_real_fork();
    if (result == 0)
        narrator.child =
            narrator.teller == narrator.process ? narrator.children : 0;
    narrate_clear(&t);
    if (!narrate_after(&call, result)) {
        narrator.children--;
    } else if (result == 0) {
        narrator.living = 0;
        narrate_means(&call, 0, "We are the child.");
        narrate_share(&t);
    } else {
        narrator.living++;
        narrate_means(&call, 0, "Our child runs, too, from here on.");
        count = narrate_share(&t);
        if (count > 0)
            narrate_means(&call, 0,
                          "Both hold our socket%s now: descriptor%s"
                          " %s.",
                          count == 1 ? "" : "s", count == 1 ? "" : "s",
                          t.text);
    }
    narrate_leave(&call);
    return result;
}

/* Tells of a child that ended, often in a SIGCHLD handler. wait(2). */
NARRATE_TAKE(pid_t, waitpid, (pid_t child, int *status, int options),
             (child, status, options))
{
    static const struct narrate_name flags[] = {
        NARRATE_NAME(WNOHANG),
        NARRATE_NAME(WUNTRACED),
        NARRATE_NAME(WCONTINUED),
    };
    struct narrate_call call;
    pid_t result;

    if (!narrate_enter(&call, NARRATE_NONE, "waitpid", "%ld, ",
                       (long)child))
        return narrate_real_waitpid(child, status, options);
    narrate_add_source(&call, 1, status != NULL ? "&status" : "NULL");
    narrate_add(&call.args, ", ");
    NARRATE_ADD_FLAGS(&call.args, options, flags);
    narrate_before(&call, options & WNOHANG || narrator.living == 0
                              ? NULL
                              : "until a child ends");
    result = narrate_real_waitpid(child, status, options);
    call.nothing = child > 0 ? "That is no child of ours."
                             : "We have no children any more.";
    if (narrate_after(&call, result)
        && (result == 0 || (options & ~WNOHANG) == 0
            || (status != NULL
                && (WIFEXITED(*status) || WIFSIGNALED(*status))))) {
        narrator.living -= result > 0 && narrator.living > 0;
        narrate_means(&call, 0,
                      result > 0  ? "A child has ended. It is no"
                                    " zombie any more."
                      : child > 0 ? "It has not ended."
                                  : "No other child has ended.");
    }
    narrate_leave(&call);
    return result;
}

#endif
