/* preload_notes.h: remarks on what beginners' programs get wrong. Part
 * of preload.c. */
#ifndef NARRATE_PRELOAD_NOTES_H
#define NARRATE_PRELOAD_NOTES_H

static inline void narrate_note_end(void)
{
}

#endif
