/* board.c: where programs of one's own get their cues. A thread has a place
 * of its own on a page that it shares with us, and sleeps there until it
 * has a cue: lessons/narrator/preload/board.h.
 */
#define _GNU_SOURCE 1 /* memfd_create, syscall */
#include "board.h"

#ifdef __linux__
#include "../common/memory.h"
#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As in the narrator's. */
struct page {
    atomic_int player;
    struct place {
        atomic_int thread, process, program, cues, held;
    } places[BOARD_PLACES];
};

struct cue_board {
    int memory;
    struct page *page;
};

struct cue_board *board_begin(void)
{
    struct cue_board *board = memory_for(NULL, 1, sizeof *board);
    void *page = MAP_FAILED;

    board->memory = memfd_create("cues", MFD_CLOEXEC);
    if (board->memory != -1
        && ftruncate(board->memory, sizeof *board->page) == 0)
        page = mmap(NULL, sizeof *board->page, PROT_READ | PROT_WRITE,
                    MAP_SHARED, board->memory, 0);
    board->page = page;
    if (page == MAP_FAILED) {
        int failure = errno;

        if (board->memory != -1)
            close(board->memory);
        free(board);
        errno = failure;
        return NULL;
    }
    board->page->player = getpid();
    return board;
}

int board_memory(const struct cue_board *board)
{
    return board->memory;
}

void board_end(struct cue_board *board)
{
    if (board == NULL)
        return;
    munmap(board->page, sizeof *board->page);
    close(board->memory);
    free(board);
}

bool board_read(const struct cue_board *board, int place, int *thread,
                int *process, int *program)
{
    struct place *at = &board->page->places[place];

    *thread = atomic_load(&at->thread);
    *process = atomic_load(&at->process);
    *program = atomic_load(&at->program);
    return *thread != 0 && *process != 0;
}

void board_cue(struct cue_board *board, int place, int count)
{
    atomic_int *cues;

    if (place < 0)
        return;
    cues = &board->page->places[place].cues;
    atomic_fetch_add(cues, count);
    syscall(SYS_futex, cues, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void board_take_back(struct cue_board *board, int place)
{
    if (place >= 0)
        atomic_store(&board->page->places[place].cues, 0);
}

bool board_holds(const struct cue_board *board, int place)
{
    return place >= 0
           && atomic_load(&board->page->places[place].held) != 0;
}

void board_free(struct cue_board *board, int place)
{
    if (place >= 0)
        atomic_store(&board->page->places[place].thread, 0);
}
#endif
