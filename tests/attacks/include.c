// Makes the compiler quote a file in its error messages.
#include "@HOME@/secret"
int main(void)
{
    return 0;
}
