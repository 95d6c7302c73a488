/* main.c: the player, which scripts/demo and others call. It is built by
 * `make build/play` and needs nothing but a C compiler.
 *
 *   play demo ROOT [OPTION...] [LESSON...]
 *   play record ROOT LESSON [wire]  prints the run as text, see runs.c;
 *                             with `wire` also the packets on lo: run
 *                             it in a network of its own
 *   play show ROOT FILE       prints such a text as scripts/demo would
 *   play programs ROOT LESSON prints the programs that it starts
 *   play side ROOT PROGRAM    runs one program, see side.c
 *   play port                 prints a port that is free at 127.0.0.1
 *
 * ROOT is the project's folder. The options that scripts/demo -h does
 * not name are for other scripts:
 *
 *   --cues FOLDER    takes the cue lists from there
 *   --list FILE      plays that list instead of the lesson's
 *   --let WORD       for the `if` and the @NAMES@ of the lists: tcp,
 *                    LOSS=30
 *   --played WORDS   lessons that are known from before: "03 04"
 *   --exact          uses that port, without a test whether it is free
 *   --report         words its errors for scripts/report
 */
#include "../play/engine.h"
#include "stage.h"
#include "../play/terminal.h"
#include "../play/views.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* From this lesson on the calls are those of 01 to 08 in new company: who
 * sees all lessons has heard of them. */
enum { FAMILIAR = 9 };

/* What is played in the lecture, in the order of docs/lecture-notes.md,
 * and which lessons an earlier period has shown. */
static const struct period {
    const char *name, *known, *lessons;
} periods[] = {
    {"1", "", "01 02 05 03-queue"},
    {"2", "01 02 03 04 05", "06 07 07-restart 08-alone 08 10"},
    {"3", "01 02 03 04 05 06 07 08 09 10 11", "14 15 16 17 18"},
    {"short", "", "01 02 05 06 07 15"},
};
enum { PERIODS = sizeof periods / sizeof periods[0] };

/* Prints what is wrong with the arguments, and exits with status 2. */
#ifdef __GNUC__
__attribute__((format(printf, 1, 2)))
#endif
static _Noreturn void
refuse(const char *format, ...)
{
    va_list list;

    fputs("demo: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    exit(2);
}

/* ---- signals ------------------------------------------------------- */

static void ended(int number)
{
    play_end_all();
    terminal_end();
    if (isatty(STDOUT_FILENO) && write(STDOUT_FILENO, "\n", 1) == -1)
        _exit(1); /* the terminal is gone */
    _exit(128 + number);
}

static void take_signals(void)
{
    struct sigaction action = {.sa_handler = ended};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGQUIT, &action, NULL);
}

/* ---- words --------------------------------------------------------- */

/* The names of a list as one text, for an error message. */
static char *joined(char **names)
{
    char *text = memory_copy("");

    for (int i = 0; names[i] != NULL; i++) {
        char *longer =
            memory_text("%s%s%s", text, i > 0 ? " " : "", names[i]);

        free(text);
        text = longer;
    }
    return text;
}

static void free_names(char **names)
{
    for (int i = 0; names[i] != NULL; i++)
        free(names[i]);
    free(names);
}

/* Does the course leave the lesson of this cue list out? `left` has the
 * numbers of those that it does, " 13 19". */
static bool is_left_out(const char *left, const char *name)
{
    char number[4] = {' ', name[0], name[1], '\0'};

    return strstr(left, number) != NULL;
}

/* Takes the lists of lessons that are left out from among the names. */
static void leave_out(const char *left, char **names)
{
    int kept = 0;

    for (int i = 0; names[i] != NULL; i++)
        if (is_left_out(left, names[i]))
            free(names[i]);
        else
            names[kept++] = names[i];
    names[kept] = NULL;
}

static void add_lesson(struct play_settings *settings, char **all,
                       const char *word)
{
    bool digit = word[0] >= '0' && word[0] <= '9'
                 && (word[1] == '\0' || word[1] == '-');
    char *name = memory_text("%s%s", digit ? "0" : "", word);
    bool there = false;

    for (int i = 0; all[i] != NULL; i++)
        there = there || strcmp(all[i], name) == 0;
    if (!there)
        refuse("no lesson '%s' to play; there are: %s", name,
               joined(all));
    settings->lessons = memory_for(settings->lessons,
                                   (size_t)settings->lesson_count + 1,
                                   sizeof *settings->lessons);
    settings->lessons[settings->lesson_count++] = name;
}

static void add_period(struct play_settings *settings, char **all,
                       const char *left, const char *word)
{
    const struct period *period = periods;
    char *copy;

    while (period < periods + PERIODS
           && strcmp(word, period->name) != 0)
        period++;
    if (period == periods + PERIODS)
        refuse("--period '%s': 1, 2, 3 or short expected", word);
    copy = memory_copy(period->lessons);
    for (char *name = strtok(copy, " "); name != NULL;
         name = strtok(NULL, " "))
        if (!is_left_out(left, name))
            add_lesson(settings, all, name);
    free(copy);
    settings->played = period->known;
    settings->brisk = true;
}

/* LESSON_PORT: 1 to 65535, or not set. */
static unsigned wanted_port(void)
{
    const char *word = getenv("LESSON_PORT");
    char *end = NULL;
    long port;

    if (word == NULL || word[0] == '\0')
        return 0;
    port = strtol(word, &end, 10);
    if (*end != '\0' || word[0] < '1' || word[0] > '9' || port < 1
        || port > 65535)
        refuse("LESSON_PORT is '%s': 1 to 65535 expected", word);
    return (unsigned)port;
}

/* What the arguments ask for: which view, and how. */
struct words {
    bool stage; /* --stage, or an option that only the stage has */
    const char *its; /* the last of these, for an error message */
    bool known; /* -k */
    int lessons; /* how many were named without a step */
    struct plain_options plain;
    struct stage_options on_stage;
};

/* Takes an option that only the stage has. */
static void take_stage_word(struct words *words, int letter,
                            const char *value)
{
    char *end = NULL;

    words->stage = words->stage || letter != 'W';
    if (letter == 'Q') {
        words->its = "--questions";
        words->on_stage.questions = true;
    } else if (letter == 'W') {
        words->its = "--wire";
        words->on_stage.wire = true;
    } else if (letter == 'A') {
        words->its = "--auto";
        words->on_stage.every = strtod(value, &end);
        if (end == value || *end != '\0' || value[0] < '0'
            || value[0] > '9' || words->on_stage.every > 86400)
            refuse("--auto '%s': seconds expected, for example 5",
                   value);
    } else {
        words->its = "--stage";
    }
}

/* Takes LESSON or LESSON:STEP. */
static void take_lesson(struct play_settings *settings,
                        struct words *words, char **all, char *word)
{
    char *colon = strchr(word, ':'), *name;
    bool there = false;

    if (colon == NULL) {
        words->lessons++;
        add_lesson(settings, all, word);
        return;
    }
    words->stage = true;
    words->its = word;
    words->on_stage.from = word;
    name = memory_text("%.*s", (int)(colon - word), word);
    for (int i = 0; i < settings->lesson_count; i++)
        there = there || strcmp(settings->lessons[i], name) == 0;
    if (!there)
        add_lesson(settings, all, name);
    free(name);
}

/* Reads the arguments after ROOT; argv[0] is skipped, as by getopt. */
static void take_words(struct play_settings *settings,
                       struct words *words, char **all,
                       const char *left, int argc, char *argv[])
{
    static const struct option longs[] = {
        {"period", required_argument, NULL, 'p'},
        {"cues", required_argument, NULL, 'c'},
        {"list", required_argument, NULL, 'l'},
        {"let", required_argument, NULL, 'w'},
        {"played", required_argument, NULL, 'P'},
        {"exact", no_argument, NULL, 'x'},
        {"report", no_argument, NULL, 'r'},
        {"stage", no_argument, NULL, 'S'},
        {"auto", required_argument, NULL, 'A'},
        {"questions", no_argument, NULL, 'Q'},
        {"wire", no_argument, NULL, 'W'},
        {"save", required_argument, NULL, 'O'},
        {NULL, 0, NULL, 0},
    };
    int letter;

    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":ks", longs, NULL))
           != -1) {
        switch (letter) {
        case 'k':
            words->known = true;
            break;
        case 's':
            words->plain.stepping = true;
            break;
        case 'p':
            add_period(settings, all, left, optarg);
            break;
        case 'c':
            break; /* see cue_folder */
        case 'l':
            settings->list = optarg;
            break;
        case 'w':
            settings->let = memory_for(settings->let,
                                       (size_t)settings->let_count + 1,
                                       sizeof *settings->let);
            settings->let[settings->let_count++] = optarg;
            break;
        case 'P':
            settings->played = optarg;
            break;
        case 'x':
            settings->exact = true;
            break;
        case 'r':
            words->plain.name = "the lesson was not played to its end";
            break;
        case 'O':
            words->plain.save = optarg;
            break;
        case 'S':
        case 'A':
        case 'Q':
        case 'W':
            take_stage_word(words, letter, optarg);
            break;
        case ':':
            refuse("%s: its value is missing; scripts/demo -h tells"
                   " what is expected",
                   argv[optind - 1]);
        default:
            refuse("%s is no option; scripts/demo -h tells what is"
                   " expected",
                   optopt != 0 ? (char[]){'-', (char)optopt, '\0'}
                               : argv[optind - 1]);
        }
    }
    for (; optind < argc; optind++)
        take_lesson(settings, words, all, argv[optind]);
    if (words->stage && words->plain.stepping)
        refuse("-s steps in one terminal, and %s is for the stage: take"
               " one of them",
               words->its);
}

/* Takes the programs behind `--`, with `::` between them, off the words.
 * Returns how many words are left. */
static int take_own(struct play_settings *settings, int argc,
                    char *argv[])
{
    int from = 3;

    while (from < argc && strcmp(argv[from], "--") != 0)
        from++;
    if (from == argc)
        return argc;
    for (int i = from; i < argc; i++) {
        int end = i + 1;

        while (end < argc && strcmp(argv[end], "::") != 0)
            end++;
        if (end == i + 1)
            refuse("a program is missing %s '%s'; expected: -- ./server"
                   " 8888 :: ./client 127.0.0.1 8888",
                   "after", argv[i]);
        if (settings->own_count == PLAY_OWN)
            refuse("'%s' is program %d; at most %d can be played",
                   argv[i + 1], PLAY_OWN + 1, PLAY_OWN);
        settings->own =
            memory_for(settings->own, (size_t)settings->own_count + 1,
                       sizeof *settings->own);
        settings->own[settings->own_count] =
            memory_for(NULL, (size_t)(end - i), sizeof(char *));
        for (int j = i + 1; j < end; j++)
            settings->own[settings->own_count][j - i - 1] = argv[j];
        settings->own[settings->own_count++][end - i - 1] = NULL;
        i = end - 1;
    }
    argv[from] = NULL;
    return from;
}

/* Programs of one's own: what does not go with them, and their scene. */
static void settle_own(struct play_settings *settings,
                       struct words *words)
{
    if (settings->lesson_count > 0)
        refuse("lesson %s, or programs of your own after --: one of "
               "them expected",
               settings->lessons[0]);
    if (words->on_stage.questions)
        refuse("--questions is for the lessons; programs of your own "
               "have none");
    const char *save = words->plain.save;
    int file = save == NULL
                   ? 0
                   : open(save, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file == -1) /* said now, and not when all has been played */
        refuse("--save %s cannot be written: %s", save,
               strerror(errno));
    if (save != NULL)
        close(file);
    settings->lessons =
        memory_for(settings->lessons, 1, sizeof *settings->lessons);
    settings->lessons[settings->lesson_count++] = memory_copy("yours");
    words->plain.own = true;
    words->on_stage.save = words->plain.save;
    words->lessons = 1;
}

/* Where the cue lists are: checking the other words takes the lists. */
static char *cue_folder(int argc, char *argv[], const char *root)
{
    for (int i = 0; i + 1 < argc; i++)
        if (strcmp(argv[i], "--cues") == 0)
            return memory_copy(argv[i + 1]);
    return memory_text("%s/scripts/cues", root);
}

static void print_name(void *context, const char *program)
{
    (void)context;
    puts(program);
}

static int print_programs(const char *root, const char *lesson)
{
    const struct play_settings settings = {.root = root};
    char why[300];
    struct cue_list list;
    int status = 0;

    if (cues_read(&list, &settings, lesson, why, sizeof why) == -1) {
        fprintf(stderr, "play: %s\n", why);
        status = 2;
    } else {
        cues_programs(&list, print_name, NULL);
    }
    cues_free(&list);
    return status;
}

static int print_port(void)
{
    unsigned port = port_choose();

    if (port == 0)
        fputs("play: no port is free\n", stderr);
    else
        printf("%u\n", port);
    return port == 0;
}

int main(int argc, char *argv[])
{
    struct play_settings settings = {.root = NULL};
    struct words words = {.plain = {.name = "demo"},
                          .on_stage = {.every = -1}};
    char **all, **scenes, *folder, **whole;
    const char *left;
    int status;
    if (argc == 2 && strcmp(argv[1], "port") == 0)
        return print_port();
    if (argc == 4 && strcmp(argv[1], "programs") == 0)
        return print_programs(argv[2], argv[3]);
    if (argc == 4 && strcmp(argv[1], "side") == 0)
        return side_run(argv[2], argv[3], wanted_port());
    if (argc == 4 && strcmp(argv[1], "show") == 0)
        return plain_show(argv[3],
                          &(struct plain_options){.name = "show"});
    if ((argc == 4 || argc == 5) && strcmp(argv[1], "record") == 0) {
        settings = (struct play_settings){.root = argv[2],
                                          .wire = argc == 5,
                                          .lessons = argv + 3,
                                          .lesson_count = 1};
        settings.port = wanted_port();
        take_signals();
        return record_run(&settings);
    }
    if (argc < 3 || strcmp(argv[1], "demo") != 0)
        refuse("play demo ROOT ... expected; scripts/demo calls it");
    settings.root = argv[2];
    whole = memory_for(NULL, (size_t)argc + 1, sizeof *whole);
    memcpy(whole, argv, ((size_t)argc + 1) * sizeof *whole);
    words.on_stage.argv = whole; /* --wire may start it again */
    argc = take_own(&settings, argc, argv);
    folder = cue_folder(argc, argv, settings.root);
    settings.cues = folder;
    all = play_lists(settings.cues, false);
    scenes = play_lists(settings.cues, true);
    if (all == NULL || scenes == NULL)
        refuse("%s: a folder of cue lists expected", settings.cues);
    left = getenv("LEFT_OUT");
    if (left == NULL)
        left = "";
    leave_out(left, all);
    leave_out(left, scenes);
    settings.port = wanted_port();
    take_words(&settings, &words, scenes, left, argc - 2, argv + 2);
    if (words.on_stage.wire && settings.own_count == 0)
        words.stage = true;
    if (settings.own_count > 0)
        settle_own(&settings, &words);
    else if (words.plain.save != NULL)
        refuse("--save keeps a run of programs of your own: --save %s "
               "-- ./server 8888 :: ./client",
               words.plain.save);
    /* 05:14 alone: all lessons are played, beginning there. */
    if (words.lessons == 0 && settings.lesson_count == 1
        && strchr(settings.lessons[0], '-') == NULL)
        settings.lesson_count = 0;
    if (settings.lesson_count == 0 && !words.stage)
        settings.familiar = FAMILIAR;
    if (settings.lesson_count == 0)
        for (int i = 0; all[i] != NULL; i++)
            add_lesson(&settings, scenes, all[i]);
    if (settings.lesson_count == 0)
        refuse("%s holds no cue list", settings.cues);
    if (words.known)
        settings.familiar = 1;
    settings.pauses = words.stage || words.plain.stepping;
    if (words.on_stage.wire && !words.stage) {
        if (stage_wire_rights(whole) == -1)
            return 1;
        settings.wire = true;
        settings.shared = !stage_wire_own();
    }
    settings.by_hand = words.stage && words.on_stage.every < 0;
    take_signals();
    status = words.stage ? stage_run(&settings, &words.on_stage)
                         : plain_run(&settings, &words.plain);
    free_names(all);
    free_names(scenes);
    for (int i = 0; i < settings.lesson_count; i++)
        free(settings.lessons[i]);
    for (int i = 0; i < settings.own_count; i++)
        free(settings.own[i]);
    free(settings.own);
    free(whole);
    free(settings.lessons);
    free(settings.let);
    free(folder);
    return status;
}
