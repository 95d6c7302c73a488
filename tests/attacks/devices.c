// Lets the compiler read what has no end.
#include "/dev/zero"
#include "/dev/random"
#include "/dev/stdin"
#include __FILE__
int main(void)
{
    return 0;
}
