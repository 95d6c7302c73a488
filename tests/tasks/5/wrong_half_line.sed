# What has begun is passed on when its sender leaves.
# report: client 2 left in the middle of a line
s/    if (n <= 0)/    if (n <= 0 \&\& c->size) pass_on(i); if (n <= 0)/
