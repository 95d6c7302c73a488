// Lets the compiler quote a file in its complaints.
#include "@HOME@/secret"
int main(void)
{
    return 0;
}
