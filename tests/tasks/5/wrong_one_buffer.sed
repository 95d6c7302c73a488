# All clients share one line.
# report: sent two lines at once
s/    struct client \*c = &clients\[i\];/    struct client *c = \&clients[0]; c->number = clients[i].number;/;s/    c->size = 0;/    clients[0].size = 0;/
