// Takes a file into the program at compile time, and prints it.
#include <stdio.h>
__asm__(".data\ntext: .incbin \"@HOME@/secret\"\n.byte 0\n.text\n");
extern const char text[];
int main(void)
{
    fprintf(stderr, "stolen %.20s\n", text);
    return 0;
}
