/* keyboard.h: where a lesson waits for a person. The player takes the
 * person's place: its cues stand for keys, and what it types is shown.
 */
#ifndef NARRATE_KEYBOARD_H
#define NARRATE_KEYBOARD_H

/* puts, with which a lesson asks for what it waits for in getchar. The
 * player does not show that: nobody could type it there. So a hold says
 * how many lines it was. */
NARRATE_APART int narrate_puts(const char *text)
{
    int result = puts(text);

    if (NARRATE_CUED) {
        narrator.asked = 1;
        for (; *text != '\0'; text++)
            narrator.asked += *text == '\n';
    }
    return result;
}

/* getchar, where a lesson waits for a person. After Enter, or a cue, it
 * tells the kernel line of every open socket. Returns the first key. */
NARRATE_APART int narrate_getchar(int line)
{
    struct narrate_call call = {
        .name = "getchar", .line = line, .asked = narrator.asked};
    struct narrate_seen *seen = narrator.seen;
    int key;

    if (!narrator.telling || (!NARRATE_CUED && !isatty(STDIN_FILENO)))
        return getchar();
    if (NARRATE_CUED) {
        narrate_start();
        key = narrate_stop(&call, "hold");
        narrate_end();
    } else {
        static const char ask[] = "     Enter asks the kernel again: ";
        int early = 0;

        ioctl(STDIN_FILENO, FIONREAD, &early);
        narrate_write(narrator.out, ask, sizeof ask - 1);
        key = getchar();
        for (int rest = key; rest != '\n' && rest != EOF;)
            rest = getchar();
        if (early > 0) /* pressed while a call blocked */
            narrate_write(narrator.out, "\n", 1);
        if (key != '\n')
            return key;
    }
    if (key == 'q')
        return key;
    narrate_start();
    for (; seen < narrator.seen + NARRATE_SEEN; seen++)
        if (seen->open && narrate_see(seen->sock)->open)
            narrate_held(&call, seen, true);
    narrate_end();
    return '\n';
}

/* isatty: the player counts as a person at a keyboard. */
NARRATE_APART int narrate_isatty(int descriptor)
{
    if (NARRATE_CUED && narrator.telling && descriptor == STDIN_FILENO)
        return 1;
    return isatty(descriptor);
}

/* Shows what the player typed as a terminal shows it. `size` is what
 * read returned: 0, the end of the input, adds no newline. */
NARRATE_INNER void narrate_typed(const char *bytes, ssize_t size)
{
    static bool empty = true; /* nothing is on this line yet */
    struct narrate_text t;
    char text[200];
    bool line = size > 0 && bytes[size - 1] == '\n';

    narrate_clear(&t);
    narrate_escape(text, sizeof text, bytes,
                   size > 0 ? (size_t)size - line : 0);
    narrate_add(&t, "%s", text);
    if (size == 0)
        narrate_add(&t, "(the end of the input)");
    else if (line)
        narrate_add(&t, "%s\n",
                    empty && size == 1 ? "(an empty line)" : "");
    empty = line;
    narrate_start();
    if (NARRATE_RECORDED)
        narrate_tell(NARRATE_TYPED, NULL, t.text);
    else
        narrate_write(narrator.out, t.text, t.used);
    narrate_end();
}

/* Reads one line, as a terminal would give it: the player's input is a
 * file or pipe that may hold more. Returns what read(2) would. */
NARRATE_INNER ssize_t narrate_read_line(int descriptor, char *bytes,
                                        size_t size)
{
    size_t n = 0;

    while (n < size && (n == 0 || bytes[n - 1] != '\n')) {
        ssize_t one = narrate_real_read(descriptor, bytes + n, 1);

        if (one == -1 && n == 0)
            return -1;
        if (one <= 0)
            break;
        n++;
    }
    return (ssize_t)n;
}

NARRATE_TAKE(ssize_t, read, (int descriptor, void *bytes, size_t size),
             (descriptor, bytes, size))
{
    ssize_t result;

    if (!NARRATE_CUED || !narrator.telling || narrate_busy
        || descriptor != STDIN_FILENO)
        return narrate_real_read(descriptor, bytes, size);
    result = narrate_read_line(descriptor, bytes, size);
    if (result >= 0)
        narrate_typed(bytes, result);
    return result;
}

#endif
