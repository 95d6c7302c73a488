/* landlock: prints the version of this system's Landlock; 0: there is
 * none. landlock_create_ruleset(2) */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    long version = syscall(444, NULL, 0, 1);
    printf("%ld\n", version > 0 ? version : 0);
    return 0;
}
