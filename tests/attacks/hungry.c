// Makes the compiler's output gigabytes large.
char text[1 << 30] = {1};
char more[1 << 30] = {2};
__asm__(".data\n.fill 0x40000000, 1, 7\n.fill 0x40000000, 1, 7\n");
int main(void)
{
    return text[5] + more[6];
}
