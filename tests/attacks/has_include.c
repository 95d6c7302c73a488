// Asks the compiler which files exist.
#if __has_include("@TREE@/README.md") \
                  || __has_include("@HOME@/secret") \
                                   || __has_include("@NEIGHBOUR@")
#error "stolen: I know what is there"
#endif
int main(void)
{
    return 0;
}
