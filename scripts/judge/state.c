/* state: what is known of this judging. */
#include "state.h"

struct judge *the_judge(void)
{
    static struct judge judge = {.suspect = judge.programs};
    return &judge;
}
