/* source.c: which line of a program's source makes a call. The record of
 * the call has the address in the program to which it returns; what the
 * process has mapped there (proc(5)) and addr2line(1) say the rest. It
 * needs a program that was compiled with -g.
 */
#include "engine.h"
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A place in a program file, and the line that made it. */
struct place {
    char *program;
    unsigned long offset; /* in that file */
    char *path; /* of the source; NULL: no line is known */
    int line;
};

struct sources {
    struct place *places;
    int count;
};

/* Turns an offset in an ELF file into the address that the compiler gave
 * it; 0 if it cannot. elf(5), for 64 bits. */
static unsigned long linked_at(const char *path, unsigned long offset)
{
    FILE *file = fopen(path, "r");
    unsigned long result = 0;
    Elf64_Ehdr head;
    Elf64_Phdr part;

    if (file == NULL)
        return 0;
    if (fread(&head, sizeof head, 1, file) == 1
        && memcmp(head.e_ident, ELFMAG, SELFMAG) == 0
        && head.e_ident[EI_CLASS] == ELFCLASS64)
        for (int i = 0; i < head.e_phnum && result == 0; i++) {
            fseek(file, (long)(head.e_phoff + (size_t)i * sizeof part),
                  SEEK_SET);
            if (fread(&part, sizeof part, 1, file) == 1
                && part.p_type == PT_LOAD && offset >= part.p_offset
                && offset < part.p_offset + part.p_filesz)
                result = offset - part.p_offset + part.p_vaddr;
        }
    fclose(file);
    return result;
}

/* The file that a process has at an address, and the offset in it; NULL
 * if there is none. free() it. */
static char *mapped(long process, unsigned long address,
                    unsigned long *offset)
{
    char *path = memory_text("/proc/%ld/maps", process), *found = NULL;
    FILE *file = fopen(path, "r");
    char line[PATH_MAX + 128], name[PATH_MAX];
    unsigned long from, to, at;

    while (file != NULL && found == NULL
           && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "%lx-%lx %*s %lx %*s %*s %4095[^\n]", &from,
                   &to, &at, name)
                == 4
            && address >= from && address < to && name[0] == '/') {
            found = memory_copy(name);
            *offset = address - from + at;
        }
    if (file != NULL)
        fclose(file);
    free(path);
    return found;
}

/* Asks addr2line for the place: it prints "/tmp/server.c:28", or
 * question marks. */
static void ask(struct place *place)
{
    extern char **environ;
    unsigned long address = linked_at(place->program, place->offset);
    char *hex = memory_text("0x%lx", address), *colon;
    char *words[] = {(char[]){"addr2line"}, (char[]){"-e"},
                     place->program, hex, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2] = {-1, -1};
    char text[PATH_MAX + 64];
    ssize_t n = 0, used = 0;
    pid_t pid = -1;

    if (address != 0 && pipe(ends) == 0) {
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[1],
                                         STDOUT_FILENO);
        posix_spawn_file_actions_addclose(&actions, ends[0]);
        posix_spawn_file_actions_addopen(
            &actions, STDERR_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
        if (posix_spawnp(&pid, words[0], &actions, NULL, words, environ)
            != 0)
            pid = -1;
        posix_spawn_file_actions_destroy(&actions);
        close(ends[1]);
        while (pid != -1 && used + 1 < (ssize_t)sizeof text
               && (n = read(ends[0], text + used,
                            sizeof text - 1 - (size_t)used))
                      != 0)
            if (n > 0)
                used += n;
            else if (errno != EINTR)
                break;
        close(ends[0]);
        while (pid != -1 && waitpid(pid, NULL, 0) == -1
               && errno == EINTR)
            continue;
    }
    free(hex);
    text[used] = '\0';
    text[strcspn(text, "\n")] = '\0';
    colon = strrchr(text, ':');
    /* A lesson calls from its own narrator: that is no line of it. */
    if (colon == NULL || text[0] == '?'
        || strstr(text, "/lessons/narrator/") != NULL)
        return;
    *colon = '\0';
    place->line = (int)strtol(colon + 1, NULL, 10);
    if (place->line > 0)
        place->path = memory_copy(text);
}

struct sources *sources_begin(void)
{
    struct sources *all = memory_for(NULL, 1, sizeof *all);

    *all = (struct sources){NULL, 0};
    return all;
}

const char *sources_find(struct sources *all, long process,
                         unsigned long from, int *line)
{
    unsigned long offset = 0;
    /* A call returns behind itself: the byte before is part of it. */
    char *program =
        from == 0 ? NULL : mapped(process, from - 1, &offset);
    struct place *place = all->places;

    *line = 0;
    if (program == NULL)
        return NULL;
    for (int i = 0; i < all->count; i++, place++)
        if (place->offset == offset
            && strcmp(place->program, program) == 0) {
            free(program);
            *line = place->line;
            return place->path;
        }
    all->places = memory_for(all->places, (size_t)all->count + 1,
                             sizeof *all->places);
    place = &all->places[all->count++];
    *place = (struct place){program, offset, NULL, 0};
    ask(place);
    *line = place->line;
    return place->path;
}

void sources_end(struct sources *all)
{
    if (all == NULL)
        return;
    for (int i = 0; i < all->count; i++) {
        free(all->places[i].program);
        free(all->places[i].path);
    }
    free(all->places);
    free(all);
}
