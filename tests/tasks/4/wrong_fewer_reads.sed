# Eleven reads with a second each: some datagrams make it shorter.
# report: one second without an answer.*did it take that for
s/    while ((left = begun + LIMIT - now()) > 0) {/    for (int reads = 0; reads < 11 \&\& (left = LIMIT) > 0; reads++) {/
s/            continue;/            break;/
