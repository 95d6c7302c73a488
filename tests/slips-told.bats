# With narrate.h, what a program of one's own tells is true: of calls that
# fail, of what is over, and of what it never meant to do.

load helper
load slips

@test "a call that fails at once, for what it was given, is not said to block" {
    own args <<'    END'
    #include <sys/wait.h>
    int main(void)
    {
        struct sockaddr_in6 to = {.sin6_family = AF_INET6};
        struct sockaddr_in none = {0};
        struct pollfd no[] = {{40, POLLIN, 0}};
        siginfo_t ended;
        char byte;
        int s = socket(AF_INET, SOCK_STREAM, 0);

        connect(s, (struct sockaddr *)&none, sizeof none);
        connect(s, (struct sockaddr *)&to, sizeof to);
        connect(s, NULL, sizeof none);
        none.sin_family = AF_INET;
        connect(s, (struct sockaddr *)&none, 4);
        s = socket(AF_INET6, SOCK_STREAM, 0);
        connect(s, (struct sockaddr *)&to, sizeof none);
        poll(no, 1, 1000);
        poll(NULL, 1, 1000);
        waitpid(-1, NULL, 0);
        if (fork() == 0) { /* ends when its parent sleeps */
            char path[40], state = 0;
            FILE *parent;
            snprintf(path, sizeof path, "/proc/%d/stat", getppid());
            while (state != 'S' && (parent = fopen(path, "r"))) {
                if (fscanf(parent, "%*d %*s %c", &state) != 1)
                    break;
                fclose(parent);
            }
            _exit(0);
        }
        waitpid(1, NULL, WNOHANG);
        waitpid(-1, NULL, 0);
        if (fork() == 0)
            _exit(0);
        waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT);
        waitpid(-1, NULL, 0);
        waitpid(-1, NULL, 0);
        return 0;
    }
    END
    tell args
    [ "$(grep -c blocks told)" -eq 1 ]
    grep -q ' waitpid(-1, NULL, 0) … blocks until a child ends' told
    [ "$(grep -c 'A child had already ended\.' told)" -eq 1 ]
    grep -q 'That is no child of ours' told
    # Linux sends a datagram to such an address.
    grep -qF 'connect(3, {family 0: AF_UNSPEC}, 16)' told
    [ "$(grep -c 'have no children any more' told)" -eq 2 ]
}

@test "after shutdown and after a reset nothing is told that is over" {
    own over <<<"$PAIR"'
    int main(void)
    {
        char byte;
        int error;
        socklen_t size = sizeof error;
        struct timeval soon = {0, 8000};

        pair();
        recv(here, &byte, 1, MSG_OOB);
        setsockopt(here, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
        recvfrom(here, &byte, 1, 0, NULL, NULL);
        shutdown(here, SHUT_RD);
        recv(here, &byte, 1, 0);
        shutdown(here, SHUT_WR);
        shutdown(here, SHUT_WR);
        (close)(there);
        shutdown(here, SHUT_WR);
        pair();
        (send)(there, "hello", 5, 0);
        reset();
        close(here);
        pair();
        reset();
        recv(here, &byte, 1, MSG_DONTWAIT);
        getsockopt(here, SOL_SOCKET, SO_ERROR, &error, &size);
        return 0;
    }'
    tell over
    run ! grep 'recv(.*blocks' told
    run ! grep datagram told
    [ "$(grep -c 'A FIN follows our last byte' told)" -eq 1 ]
    run ! grep 'We can still receive' told
    grep -q 'both sides have ended it' told
    run ! grep 'that we had not read' told
    grep -q 'recv(.* = -1 ECONNRESET' told
    grep -q 'Its error is 0: none\.' told
}

@test "a socket that another descriptor holds does not end with a close" {
    own copies <<<"$PAIR"'
    int main(void)
    {
        int copy, one = socket(AF_INET, SOCK_STREAM, 0);

        listen(one, 1);
        copy = dup(one);
        close(one);
        close(copy);
        pair();
        copy = dup(here);
        close(here);
        close(copy);
        return 0;
    }'
    tell copies
    [ "$(grep -c 'Another descriptor still holds this socket, so nothing ends' told)" -eq 2 ]
    [ "$(grep -c 'From now on callers are refused' told)" -eq 1 ]
    [ "$(grep -c 'kernel: fd .  closed' told)" -eq 2 ]
    run ! grep 'closed  ESTABLISHED' told
}

@test "recv that returns 0 after a reset: the peer has not ended in order" {
    own reset <<<"$PAIR"'
    int main(void)
    {
        char byte;
        int error;
        socklen_t size = sizeof error;

        pair();
        reset();
        recv(here, &byte, 1, 0);
        recv(here, &byte, 1, 0);
        pair();
        reset();
        getsockopt(here, SOL_SOCKET, SO_ERROR, &error, &size);
        recv(here, &byte, 1, 0);
        return 0;
    }'
    tell reset
    grep -q 'recv(.* = -1 ECONNRESET' told
    grep -q 'Its error is [0-9]*: ECONNRESET' told
    [ "$(grep -c 'Nothing more can come here: that gives 0' told)" -eq 2 ]
    run ! grep '0 is the end' told
}

@test "a caller who has reset the connection before accept had one" {
    own early <<<"$PAIR"'
    int main(void)
    {
        pair();
        reset();
        narrator.telling = 0;
        connect(here = socket(AF_INET, SOCK_STREAM, 0), (void *)&at, sizeof at);
        there = here;
        reset();
        narrator.telling = 1;
        recv(accept(listener, NULL, NULL), &at, 1, 0);
        return 0;
    }'
    tell early
    grep -q 'is for this one peer, which has reset the connection' told
    grep -q 'kernel: fd .  CLOSED (the connection is over)' told
    grep -q 'recv(.* = -1 ECONNRESET' told
}

@test "a socket whose connect and then bind failed has no port" {
    own neither <<'    END'
    int main(void)
    {
        struct sockaddr_in at = {.sin_family = AF_INET};
        int sock = socket(AF_INET, SOCK_STREAM, 0);

        connect(sock, (struct sockaddr *)&at, sizeof at);
        bind(sock, (struct sockaddr *)&at, 4);
        return 0;
    }
    END
    tell neither
    grep -q 'connect(.* = -1 ECONNREFUSED' told
    grep -q 'bind(.* = -1 EINVAL' told
    run ! grep 'kernel: .* port' told
}

@test "recv without room and send without a byte: nothing came or goes" {
    own none <<<"$PAIR"'
    int main(void)
    {
        char line[9] = "";

        pair();
        (send)(there, "hello", 5, 0);
        recv(here, line, strlen(line), 0);
        send(here, line, strlen(line), 0);
        return 0;
    }'
    tell none
    grep -q 'There was room for no byte: that gives 0' told
    grep -q 'There was no byte to send: nothing is sent' told
    [ "$(grep -c 'Our kernel took' told)" -eq 1 ]
    run ! grep '0 is the end' told
}

@test "getaddrinfo asks nobody, and so does not block, where it gets no name" {
    must_have localhost
    own numbers <<'    END'
    int main(void)
    {
        struct addrinfo *list;

        getaddrinfo("127.0.0.1", "8888", NULL, &list);
        getaddrinfo("::1", "8888", NULL, &list);
        getaddrinfo(NULL, "8888", NULL, &list);
        getaddrinfo("localhost", "8888", NULL, &list);
        return 0;
    }
    END
    tell numbers
    [ "$(grep -c 'getaddrinfo(.* = 0' told)" -eq 4 ]
    [ "$(grep -c blocks told)" -eq 1 ]
}

@test "an option that this socket has no use for is not said to do anything" {
    own options <<'    END'
    int main(void)
    {
        int on = 1, udp = socket(AF_INET, SOCK_DGRAM, 0);
        int tcp = socket(AF_INET, SOCK_STREAM, 0);
        struct linger now = {1, 0};
        struct timeval soon = {0, 8000};

        setsockopt(udp, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        setsockopt(udp, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        setsockopt(tcp, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
        listen(tcp, 1);
        setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        setsockopt(tcp, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
        accept(tcp, NULL, NULL);
        return 0;
    }
    END
    tell options
    [ "$(grep -c 'setsockopt(.* = 0' told)" -eq 5 ]
    run ! grep -E 'silent peer|will reset|all hosts|no longer block' told
    grep -q 'until a client connects, 8 ms at most' told
}

@test "before a handshake is over, and after a connection of which nothing was told" {
    own begun <<<"$PAIR"'
    int main(void)
    {
        struct pollfd watched[] = {{40, POLLIN}, {0, POLLOUT}};
        int early = socket(AF_INET, SOCK_STREAM, 0);

        pair(); /* one more fits, the next has to wait */
        narrator.telling = 0;
        listen(listener, 0);
        fcntl(early, F_SETFL, O_NONBLOCK);
        narrator.telling = 1;
        connect(early, (struct sockaddr *)&at, sizeof at);
        here = socket(AF_INET, SOCK_STREAM, 0);
        fcntl(here, F_SETFL, O_NONBLOCK);
        connect(here, (struct sockaddr *)&at, sizeof at);
        send(here, "x", 1, MSG_NOSIGNAL);
        watched[1].fd = early;
        poll(watched, 2, 1000);
        narrator.telling = 0;
        there = accept(listener, NULL, NULL);
        reset();
        recv(early, &at, 1, 0);
        return 0;
    }'
    tell begun
    grep -q 'send(.* = -1 EAGAIN' told
    grep -q 'The handshake is not over yet; later' told
    run ! grep 'no room' told
    grep -q 'Ready: 40 (POLLNVAL: not open), ' told
    grep -q 'recv(.* = -1 ECONNRESET' told
    [ "$(tail -n 1 told | grep -c 'CLOSED (the connection is over)')" -eq 1 ]
}

@test "a half-close after the peer's: nothing can be received any more" {
    own second <<<"$PAIR"'
    int main(void)
    {
        pair();
        narrator.telling = 0;
        shutdown(there, SHUT_WR);
        narrator.telling = 1;
        recv(here, &at, 1, 0);
        shutdown(here, SHUT_WR);
        return 0;
    }'
    tell second
    grep -q 'A FIN follows our last byte' told
    run ! grep -e 'still receive' -e 'said all' told
}

# Of two bytes the call has taken the first: it is under way.
@test "a socket in a call of another thread does not end with a close" {
    own held <<<'#include <pthread.h>
    #include <sys/ioctl.h>'"$PAIR"'
    static void *receive(void *two)
    {
        recv(here, two, 2, MSG_WAITALL);
        return NULL;
    }
    int main(void)
    {
        char two[2];
        int unread = 1;
        pthread_t thread;

        pair();
        (send)(there, "o", 1, 0);
        pthread_create(&thread, NULL, receive, two);
        while (unread > 0)
            ioctl(here, FIONREAD, &unread);
        close(here);
        (send)(there, "k", 1, 0);
        pthread_join(thread, NULL);
        return 0;
    }'
    tell held
    grep -q 'Another descriptor or thread still holds this socket' told
    grep -q 'kernel: fd .  closed  ESTABLISHED' told
    run ! grep 'does the rest without us' told
}
