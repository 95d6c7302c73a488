// Keeps the compiler busy: 2 to the power of 40 words.
#define A(x) x x x x x x x x x x x x x x x x
#define B(x) A(A(A(A(x))))
#define C(x) B(B(B(x)))
int main(void)
{
    return 0 C(+1);
}
