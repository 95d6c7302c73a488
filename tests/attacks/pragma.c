// Asks the compiler whether a file is there, and whether it is newer.
#pragma GCC dependency "@HOME@/secret" stolen: it is there
int main(void)
{
    return 0;
}
