# Any answer will do.
# report: expected *block [0-9]*, again
s/n == NUMBER && number_in(answer) == number/n >= 0 \&\& number > 0/
