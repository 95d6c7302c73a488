// Makes the compiler read files that never end.
#include "/dev/zero"
#include "/dev/random"
#include "/dev/stdin"
#include __FILE__
int main(void)
{
    return 0;
}
