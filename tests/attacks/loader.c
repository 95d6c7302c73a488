// Names a file of the student's as its loader, which the kernel then runs
// before any line of the program.
__attribute__((section(".interp"))) const char loader[] =
    "@HOME@/loader";
int main(void)
{
    return 0;
}
