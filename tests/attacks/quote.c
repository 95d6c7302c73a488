// Makes the assembler quote a file, and the preprocessor take one over.
__asm__(".include \"@HOME@/secret\"\n");
#pragma GCC pch_preprocess "@HOME@/secret"
#pragma GCC poison stolen
#if defined __has_embed
const char text[] = {
#embed "@HOME@/secret"
};
#endif
int main(void)
{
    return 0;
}
