// Prints each variable that it has and that the room does not set.
#include <stdio.h>
#include <string.h>
extern char **environ;
int main(void)
{
    for (char **word = environ; *word != NULL; word++)
        if (strcmp(*word, "TZ=HERE-5:45")
            && strncmp(*word, "PATH=/usr/local/bin:/usr/bin:/bin", 40)
            && strcmp(*word, "LC_ALL=C") && strncmp(*word, "PWD=", 4))
            fprintf(stderr, "stolen %s\n", *word);
    return 0;
}
