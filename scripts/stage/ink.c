/* ink.c: the styles of the stage. */
#include "parts.h"

int stage_hue(int column)
{
    static const int hues[] = {32, 166, 133};

    return hues[column % 3];
}

const char *stage_ink(int hue, bool bold)
{
    static char texts[8][32];
    static unsigned turn;
    char *text = texts[turn++ % 8];

    if (!screen_now()->colour)
        return bold ? "1" : "";
    snprintf(text, sizeof texts[0], "%s38;5;%d", bold ? "1;" : "", hue);
    return text;
}

const char *stage_ground(int hue)
{
    static char text[40];

    if (!screen_now()->colour)
        return "1;7";
    snprintf(text, sizeof text, "1;48;5;%d;38;5;231", hue);
    return text;
}
