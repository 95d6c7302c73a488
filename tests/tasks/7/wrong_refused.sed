# It gives up when nobody is there yet.
# report: expected *block 1 *came
s/^        if (n == NUMBER && number_in/        if (n == -1)\n            exit(fail("recv"));\n&/
