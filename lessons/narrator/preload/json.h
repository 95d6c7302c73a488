/* json.h: what is told, for programs to read: -j of
 * scripts/narrate. Part of preload.c.
 *
 * Each thing told is a JSON object (RFC 8259) in a line of its own, as
 * scripts/narrate -h lists it. A field that has no value is left out.
 */
#ifndef NARRATE_JSON_H
#define NARRATE_JSON_H

/* The object that is being written; the lock is held. A text for which
 * there is no room loses its end. */
static struct {
    char text[8 * NARRATE_ROOM];
    size_t used;
} narrate_json;

enum { NARRATE_JSON_END = 8 }; /* bytes for what ends an object */

static inline void narrate_json_add(const char *bytes, size_t size)
{
    if (narrate_json.used + size
        > sizeof narrate_json.text - NARRATE_JSON_END)
        return;
    memcpy(narrate_json.text + narrate_json.used, bytes, size);
    narrate_json.used += size;
}

static inline void narrate_json_name(const char *name)
{
    narrate_json_add(narrate_json.used > 1 ? ",\"" : "\"",
                     narrate_json.used > 1 ? 2 : 1);
    narrate_json_add(name, strlen(name));
    narrate_json_add("\":", 2);
}

static inline void narrate_json_number(const char *name, long number)
{
    NARRATE_TEXT(t, 32);

    narrate_add(&t, "%ld", number);
    narrate_json_name(name);
    narrate_json_add(t.text, t.used);
}

/* What is no letter is escaped or, beyond ASCII, becomes U+FFFD. */
static inline void narrate_json_text(const char *name, const char *text)
{
    if (text == NULL || *text == '\0')
        return;
    narrate_json_name(name);
    narrate_json_add("\"", 1);
    for (size_t left = strlen(text), size; left > 0; left -= size) {
        size_t letter =
            narrate_letter((const unsigned char *)text, left);
        unsigned byte = (unsigned char)*text;
        NARRATE_TEXT(escape, 16);

        size = letter > 0 ? letter : 1;
        if (letter > 0)
            narrate_json_add(text, letter);
        else if (byte == '\b') /* a blank at which no line is broken */
            narrate_json_add(" ", 1);
        else if (byte < 0x80) {
            narrate_add(&escape, "\\u%04X", byte);
            narrate_json_add(escape.text, escape.used);
        } else
            narrate_json_add("\xEF\xBF\xBD", 3);
        text += size;
    }
    memcpy(narrate_json.text + narrate_json.used++, "\"", 1);
}

static inline void narrate_record(enum narrate_kind kind,
                                  const struct narrate_call *call,
                                  const struct narrate_values *values)
{
    static const char *const kinds[] = {
        [NARRATE_BLOCKS] = "blocks",   [NARRATE_CALL] = "call",
        [NARRATE_MEANS] = "means",     [NARRATE_CAME] = "came",
        [NARRATE_KERNEL] = "kernel",   [NARRATE_ERROR] = "error",
        [NARRATE_COUNTED] = "counted", [NARRATE_NOTED] = "note",
    };

    if (narrate_board != NULL) {
        narrate_board_record(kind, call, values);
        return;
    }
    narrate_json.used = 0;
    narrate_json_add("{", 1);
    narrate_json_text("kind", kinds[kind]);
    narrate_json_number("process", (long)narrator.teller);
    narrate_json_number("thread", narrate_thread);
    if (call != NULL) {
        narrate_json_number("number", call->number);
        narrate_json_text("call", call->row->name);
    }
    if (call != NULL
        && (kind == NARRATE_CALL || kind == NARRATE_BLOCKS))
        narrate_json_text("arguments", narrate_args.text);
    if (kind == NARRATE_CALL && call != NULL) {
        narrate_json_number("result", call->result);
        if (call->error != 0)
            narrate_json_text("error", narrate_errno_name(call->error));
    }
    if (values->sock >= 0)
        narrate_json_number("descriptor", values->sock);
    narrate_json_text("state", values->state);
    narrate_json_text("here", values->here);
    narrate_json_text("peer", values->peer);
    narrate_json_text("queue", values->queue);
    if (values->length >= 0)
        narrate_json_number("length", values->length);
    narrate_json_text("text", values->text);
    memcpy(narrate_json.text + narrate_json.used, "}\n", 2);
    narrate_flush();
    narrate_write(narrator.out, narrate_json.text,
                  narrate_json.used + 2);
}

#endif
