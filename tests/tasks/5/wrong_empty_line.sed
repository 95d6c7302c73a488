# An empty line is dropped.
# report: client 3 sent "\\n"
s/            pass_on(i);/            c->size > 1 ? pass_on(i) : (void)(c->size = 0);/
