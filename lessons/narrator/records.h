/* records.h: what is told, for the player to read. A record begins with
 * the ASCII record separator and ends with a newline.
 */
#ifndef NARRATE_RECORDS_H
#define NARRATE_RECORDS_H

static int narrate_records; /* written so far */

/* Adds a tab and a field, its separators and newlines escaped. \b
 * stays: the player breaks the lines itself. */
NARRATE_APART void narrate_field(struct narrate_text *t,
                                 const char *text)
{
    narrate_put(t, "\t", 1);
    for (; text != NULL && *text != '\0' && t->used + 6 < t->room;
         text++)
        if (*text == '\t' || *text == '\n' || *text == '\x1E'
            || *text == '\r')
            narrate_add(t, "\\x%02X", (unsigned)*text);
        else
            narrate_put(t, text, 1);
}

/* Adds one record, without its newline: RS and the player's secret,
 * then kind, process, thread ("1", or "1 of child 2"), sequence, number
 * of the call, line of the source, call, its arguments, result, errno,
 * descriptor, state, local address, peer's address, queue, length,
 * text; tabs between. The length before getchar: how many lines, just
 * written, ask for it. */
NARRATE_APART void narrate_add_record(
    struct narrate_text *t, enum narrate_kind kind,
    const struct narrate_call *call,
    const struct narrate_values *values)
{
    static const char *const kinds[] = {
        [NARRATE_TITLE] = "title",   [NARRATE_BEFORE] = "before",
        [NARRATE_BLOCKS] = "blocks", [NARRATE_CALL] = "call",
        [NARRATE_MEANS] = "means",   [NARRATE_CAME] = "came",
        [NARRATE_KERNEL] = "kernel", [NARRATE_TYPED] = "typed",
        [NARRATE_ERROR] = "error",   [NARRATE_COUNTED] = "means",
        [NARRATE_NOTED] = "error",
    };

    narrate_add(t, "\x1E%s\t%s\t%ld\t%d", narrator.secret, kinds[kind],
                (long)narrator.teller, narrate_thread);
    if (narrator.teller != narrator.process)
        narrate_add(t, " of child %ld",
                    narrator.child > 0 ? narrator.child
                                       : (long)narrator.teller);
    narrate_add(t, "\t%d\t%d\t%d\t%s", ++narrate_records,
                call != NULL ? call->number : 0,
                call != NULL ? call->line : 0,
                call != NULL ? call->row->name : "");
    narrate_field(t, call != NULL ? narrate_args.text : NULL);
    if (kind == NARRATE_CALL && call != NULL)
        narrate_add(t, "\t%ld\t%s", call->result,
                    call->error ? narrate_errno_name(call->error) : "");
    else
        narrate_add(t, "\t\t");
    narrate_add(t, "\t");
    if (values->sock >= 0)
        narrate_add(t, "%d", values->sock);
    narrate_field(t, values->state);
    narrate_field(t, values->here);
    narrate_field(t, values->peer);
    narrate_field(t, values->queue);
    narrate_add(t, "\t");
    if (values->length >= 0)
        narrate_add(t, "%ld", values->length);
    narrate_field(t, values->text);
}

#endif
