# Eight reads with a second each, as lesson 08 has them: they may be over
# report: one second without an answer.*where answers are lost
# at once, and may take eight seconds.
s/    while ((left = begun + LIMIT - now()) > 0) {/    for (int reads = 0; reads < 8 \&\& (left = LIMIT) > 0; reads++) {/
s/            continue;/            break;/
