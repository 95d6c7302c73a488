# Twelve reads with a second each: some datagrams make it longer.
# report: one second without an answer
s/    while ((left = begun + LIMIT - now()) > 0) {/    for (int reads = 0; reads < 12 \&\& (left = LIMIT) > 0; reads++) {/
s/            continue;/            break;/
