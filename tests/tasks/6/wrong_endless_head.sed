# A head that is too long begins anew.
# report: bytes more, without an end.*it took all of them
s/^    while (keep && got < MOST) {/    while (keep) { if (got == MOST) got = 0;/
