# For each answer that it does not expect, the sender repeats its block.
# report: datagrams at most: twice as many
/if (n == NUMBER/,/return true/{
s/if (.*/if (n >= 0)/
s/return true/return n == NUMBER \&\& number_in(answer) == number/
}
