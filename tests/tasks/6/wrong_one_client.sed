# Clients are served one after another.
# report: another client, meanwhile.*nothing for 3 seconds
/^        pthread_t thread;/d
/^        if (fd != -1$/,/^            close(fd);/c\
        serve((void *)(intptr_t)fd);
/pthread_detach/d
