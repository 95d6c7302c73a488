/* Servers accept the order, refuse it, or leave without a word: the
 * client must wait for their answer, and go by it. */
#include "../judge.h"
#include <stdio.h>
#include <string.h>

/* Answers in these two pieces and stays; both "": it leaves. */
static void ordered(const char *first, const char *then, bool reset,
                    int status)
{
    static const char claim[] = "The order is there";
    int fd;
    char whole[128];
    snprintf(whole, sizeof whole, "%s%s", first, then);
    struct program *p = client(&fd, 0);
    hears(fd, "order: 3 sockets\n", "the order, as the server gets it");
    for (int i = 0; i < 15 && p->pid != 0 && p->size == 0; i++)
        rest(10);
    must(!printed(p, claim, 0), "the client to wait for an answer",
         "%s, before the server has said anything",
         quoted(claim, strlen(claim)));
    must(!ended(p, 0), "the client to wait for an answer", "%s",
         fate(p));
    say(fd, first, strlen(first));
    read_by_peer(fd, 300);
    say(fd, then, strlen(then));
    if (*whole != '\0') {
        did("the server got the order, answered %s, and keeps the "
            "connection open",
            quoted(whole, strlen(whole)));
    } else {
        hang_up(fd, reset);
        did("the server got the order, and left without a word%s",
            reset ? " (a reset)" : "");
    }
    must_end(p, status,
             status == 0 ? "the client to end with exit status 0"
                         : "the client to end with exit status 1");
    must(printed(p, claim, 0) == (status == 0),
         status == 0 ? "the client to say \"The order is there\""
                     : "the client not to say \"The order is there\"",
         "printed: %s", quoted(p->text ? p->text : "", p->size));
    must(status == 0 || p->complaint[0] || p->size > 0,
         "a word on why the order is not there", "not a word");
    if (*whole != '\0')
        hang_up(fd, false);
}

static void judge(void)
{
    char answer[64];
    snprintf(answer, sizeof answer, "k, number %u\n", chance(100000));
    ordered("o", answer, false, 0);
    ordered("", "", false, 1);
    ordered("n", "o, this is not ok\n", false, 1);
    ordered("o", "ut of stock\n", false, 1);
    ordered("", "", true, 1);
    ordered("ok, thank you\n", "", false, 0);
}

const struct exercise exercise = {
    .judge = judge,
    .why = "connect returns when two kernels agree and send when your "
           "own kernel has the bytes: that a program got the order "
           "only its answer can say.",
    .read = "ch-connect",
};
