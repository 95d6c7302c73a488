/* board.h: the page of cues that programs of one's own share with us. */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>

enum { BOARD_PLACES = 128 };

struct cue_board;

/* NULL and errno without memory for it. */
struct cue_board *board_begin(void);
/* The descriptor by which the programs find it. */
int board_memory(const struct cue_board *board);
void board_end(struct cue_board *board); /* NULL is fine */

/* Whose place it is: thread, process, and the program's first process.
 * False if it is free. */
bool board_read(const struct cue_board *board, int place, int *thread,
                int *process, int *program);

/* The thread at this place, of which there may be none (-1), may make so
 * many calls more; none; its time limit waits for a cue; it is gone. */
void board_cue(struct cue_board *board, int place, int count);
void board_take_back(struct cue_board *board, int place);
bool board_holds(const struct cue_board *board, int place);
void board_free(struct cue_board *board, int place);

#endif
