#include "letters.h"
#include <stddef.h>
#include <string.h>

enum {
    HEIGHT = 7, /* of a letter, in pixels before it is enlarged */
    SPACE = 3, /* between words */
    LARGEST = 12 /* halves, see `large` */
};

/* The letters that are needed: for "./10_echo_client", "here" and
 * addresses of IPv4 and IPv6. */
static const struct letter {
    char name;
    const char *pixels[HEIGHT];
} letters[] = {
    {'.', {" ", " ", " ", " ", " ", " ", "#"}},
    {':', {" ", " ", "#", " ", " ", "#", " "}},
    {'/', {"  #", "  #", " # ", " # ", " # ", "#  ", "#  "}},
    {'_', {"    ", "    ", "    ", "    ", "    ", "    ", "####"}},
    {'0', {" ## ", "#  #", "#  #", "#  #", "#  #", "#  #", " ## "}},
    {'1', {" # ", "## ", " # ", " # ", " # ", " # ", "###"}},
    {'2', {" ## ", "#  #", "   #", "  # ", " #  ", "#   ", "####"}},
    {'3', {" ## ", "#  #", "   #", " ## ", "   #", "#  #", " ## "}},
    {'4', {"  ##", " # #", "#  #", "#  #", "####", "   #", "   #"}},
    {'5', {"####", "#   ", "### ", "   #", "   #", "#  #", " ## "}},
    {'6', {" ## ", "#   ", "#   ", "### ", "#  #", "#  #", " ## "}},
    {'7', {"####", "   #", "  # ", "  # ", " #  ", " #  ", " #  "}},
    {'8', {" ## ", "#  #", "#  #", " ## ", "#  #", "#  #", " ## "}},
    {'9', {" ## ", "#  #", "#  #", " ###", "   #", "   #", " ## "}},
    {'a', {"    ", "    ", " ## ", "   #", " ###", "#  #", " ###"}},
    {'b', {"#   ", "#   ", "### ", "#  #", "#  #", "#  #", "### "}},
    {'c', {"    ", "    ", " ## ", "#  #", "#   ", "#  #", " ## "}},
    {'d', {"   #", "   #", " ###", "#  #", "#  #", "#  #", " ###"}},
    {'e', {"    ", "    ", " ## ", "#  #", "####", "#   ", " ###"}},
    {'f', {"  #", " # ", "###", " # ", " # ", " # ", " # "}},
    {'h', {"#   ", "#   ", "### ", "#  #", "#  #", "#  #", "#  #"}},
    {'i', {"#", " ", "#", "#", "#", "#", "#"}},
    {'l', {"# ", "# ", "# ", "# ", "# ", "# ", " #"}},
    {'n', {"    ", "    ", "### ", "#  #", "#  #", "#  #", "#  #"}},
    {'o', {"    ", "    ", " ## ", "#  #", "#  #", "#  #", " ## "}},
    {'r', {"   ", "   ", "# #", "## ", "#  ", "#  ", "#  "}},
    {'t', {" # ", " # ", "###", " # ", " # ", " # ", "  #"}},
};

/* The canvas: pixels, two to a row of text. */
static bool canvas[2 * BIG_ROWS][BIG_COLUMNS];

/* The letter of this name, or NULL. */
static const struct letter *letter_of(char name)
{
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if (letters[i].name == name)
            return &letters[i];
    return NULL;
}

/* How many pixels one pixel becomes when all are enlarged by this many
 * halves. At three halves the strokes at the edges of a letter become
 * two pixels wide, and what lies between them stays one. */
static int large(int halves, bool stroke)
{
    return (halves + stroke) / 2;
}

/* The width of a letter in enlarged pixels. */
static int width_of(const struct letter *letter, int halves)
{
    int width = 0, last = (int)strlen(letter->pixels[0]) - 1;

    for (int x = 0; x <= last; x++)
        width += large(halves, x == 0 || x == last);
    return width;
}

/* The width of a word of `size` letters; -1 if one is unknown. */
static int width_of_word(const char *word, size_t size, int halves)
{
    int width = -large(halves, true);

    for (size_t i = 0; i < size; i++) {
        const struct letter *letter = letter_of(word[i]);

        if (letter == NULL)
            return -1;
        width += large(halves, true) + width_of(letter, halves);
    }
    return width;
}

/* Draws a letter on the canvas; left, top: its upper left corner. */
static void draw_letter(const struct letter *letter, int left, int top,
                        int halves)
{
    int last = (int)strlen(letter->pixels[0]) - 1;

    for (int y = 0; y < HEIGHT; y++) {
        int down = large(halves, y % 2 == 0);

        for (int x = 0, at = left; x <= last; x++) {
            int across = large(halves, x == 0 || x == last);

            for (int i = 0; i < down * across; i++)
                canvas[top + i / across][at + i % across] =
                    letter->pixels[y][x] == '#';
            at += across;
        }
        top += down;
    }
}

/* Draws all on the canvas at this size. Returns how many rows that
 * takes, 0 if it does not fit. */
static int draw_at(const char *words, int columns, int rows, int halves)
{
    int height = 4 * large(halves, true) + 3 * large(halves, false);
    int line = (height + 1) / 2; /* in rows */
    int left = 0, top = 0;

    memset(canvas, 0, sizeof canvas);
    while (*words != '\0') {
        size_t size = strcspn(words, " ");
        int width = width_of_word(words, size, halves);

        if (width > columns || width < 0)
            return 0;
        if (left > 0 && left + width > columns) {
            left = 0;
            top += line + 1;
        }
        if (top + line > rows)
            return 0;
        for (size_t i = 0; i < size; i++) {
            const struct letter *letter = letter_of(words[i]);

            draw_letter(letter, left, 2 * top, halves);
            left += width_of(letter, halves) + large(halves, true);
        }
        left += (SPACE - 1) * large(halves, true);
        words += size + (words[size] == ' ');
    }
    return top + line;
}

bool draw(struct big *big, const char *words, int columns, int rows)
{
    static const char *const blocks[] = {
        " ", "\xE2\x96\x80", /* U+2580, upper half */
        "\xE2\x96\x84", /* U+2584, lower half */
        "\xE2\x96\x88", /* U+2588, full */
    };
    int halves = LARGEST;

    if (columns > BIG_COLUMNS)
        columns = BIG_COLUMNS;
    if (rows > BIG_ROWS)
        rows = BIG_ROWS;
    do {
        big->rows = draw_at(words, columns, rows, halves);
    } while (big->rows == 0 && --halves >= 2);
    for (int row = 0; row < big->rows; row++) {
        char *end = big->text[row];

        for (int x = 0; x < columns; x++) {
            const char *block =
                blocks[canvas[2 * row][x] + 2 * canvas[2 * row + 1][x]];
            size_t size = strlen(block);

            memcpy(end, block, size);
            end += size;
        }
        *end = '\0';
    }
    return big->rows > 0;
}
