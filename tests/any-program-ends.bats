# scripts/narrate: what is over, returns at once, or is too much to list is
# told as such, whoever has ended it.

load helper
load any-program

@test "recv that returns 0 after a reset: the peer has not ended in order" {
    faulty reset <<'EOF'
    struct linger now = {1, 0};
    int client = socket(AF_INET, SOCK_STREAM, 0), peer;
    give(sock, &here);
    reach(client, &here);
    peer = accept(sock, NULL, NULL);
    setsockopt(peer, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(peer);
    recv(client, b, 1, 0);
    recv(client, b, 1, 0);
EOF
    grep -q 'recv(4, .* = -1 ECONNRESET' told.txt
    grep -q 'Nothing more can come here: that gives 0\.' told.txt
    run ! grep '0 is the end' told.txt
}

@test "the value of an option is no error, even if it has the number of one" {
    faulty value <<'EOF'
#include <netinet/tcp.h>
    int client = socket(AF_INET, SOCK_STREAM, 0), seconds = 110; /* ETIMEDOUT */
    socklen_t size = sizeof seconds;
    give(sock, &here);
    reach(client, &here);
    setsockopt(client, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, size);
    getsockopt(client, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, &size);
    close(accept(sock, NULL, NULL));
    recv(client, b, 1, 0);
EOF
    grep -q 'The value is 110\.' told.txt
    grep -q '0 is the end: the peer has ended its side' told.txt
    run ! grep 'Nothing more can come here' told.txt
}

@test "a child's shutdown of receiving is no end of the peer's" {
    faulty child <<'EOF'
    int client = socket(AF_INET, SOCK_STREAM, 0);
    give(sock, &here);
    reach(client, &here);
    if (fork() == 0) {
        shutdown(client, SHUT_RD);
        _exit(0);
    }
    wait(NULL);
    recv(client, b, 1, 0);
EOF
    grep -q 'recv(4, .* = 0' told.txt
    grep -q 'Nothing is there, and shutdown has ended receiving' told.txt
    run ! grep -e '0 is the end' -e 'recv.* blocks' told.txt
}

@test "what fails at once, for an error that waits or a value, does not block" {
    faulty at_once <<'EOF'
#include <sys/epoll.h>
    int datagrams = socket(AF_INET, SOCK_DGRAM, 0), watch = epoll_create1(0);
    struct epoll_event event = {EPOLLIN};
    int accept4(int, void *, void *, int);
    give(sock, &here);
    reach(datagrams, &here);
    send(datagrams, "x", 1, 0);
    recv(datagrams, b, 1, 0);
    accept4(sock, NULL, NULL, 0x40);
    epoll_ctl(watch, EPOLL_CTL_ADD, sock, &event);
    epoll_wait(watch, &event, 0, -1);
EOF
    grep -q 'recv(4, .* = -1 ECONNREFUSED' told.txt
    grep -q 'accept4(3, NULL, NULL, 0x40) = -1 EINVAL' told.txt
    grep -q 'epoll_wait(.* = -1 EINVAL' told.txt
    run ! grep blocks told.txt
}

@test "sockets with high numbers are counted where they are not listed" {
    (ulimit -n 1100) 2>&- || skip 'not so many descriptors are allowed'
    ulimit -n 1100
    faulty many <<'EOF'
#include <fcntl.h>
    int close_range(unsigned, unsigned, int);
    for (int i = 0; i < 7; i++)
        fcntl(sock, F_DUPFD, 1050);
    if (fork() == 0) {
        close_range(3, ~0U, 0);
        _exit(0);
    }
    wait(NULL);
    for (int i = 0; i < 7; i++)
        fcntl(sock, F_DUPFD, 0);
EOF
    sed 's/^ \[process [0-9]*\]//' raw.txt | tr -s ' \n' ' ' >told.txt
    grep -q 'holds 3, 1050, 1051, 1052, 1053, 1054, 1055, 1056, too\.' told.txt
    grep -q 'still open: 3, .*, 1053 and 3 more\.' told.txt
}

@test "a socket that another program was handed by exec is still open at its end" {
    faulty handed <<'EOF'
    if (getenv("HANDED") != NULL) {
        close(sock);
        return 0;
    }
    setenv("HANDED", "", 1);
    execl("/proc/self/exe", "handed", NULL);
EOF
    grep -q 'socket(.* = 4' told.txt
    tail -n 1 told.txt | grep 'The end: 2 calls; still open: 3\.'
}

@test "a send that blocks names the socket's time limit" {
    faulty limited <<'EOF'
    static char bytes[9000000];
    struct timeval limit = {0, 8000};
    int client = socket(AF_INET, SOCK_STREAM, 0);
    give(sock, &here);
    reach(client, &here);
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    send(client, bytes, sizeof bytes, 0);
EOF
    grep -q 'send(4, .* blocks .* that the kernel has room, 8 ms at most' told.txt
    # poll would say that the last of these block.
    faulty roomy <<'EOF'
    static char bytes[4096];
    int ends[2], size = 100000;
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    for (int i = 0; i < 30; i++)
        send(ends[0], bytes, sizeof bytes, 0);
EOF
    grep -q '32  send(4, .* = 4096' told.txt
    run ! grep 'blocks' told.txt
}

@test "select whose set holds a closed number, or only what it ignores" {
    faulty chosen <<'EOF'
#include <sys/select.h>
    fd_set in;
    struct timeval soon = {0, 1000};
    give(sock, &here);
    FD_ZERO(&in);
    FD_SET(sock, &in);
    select(sock, &in, NULL, NULL, &soon);
    FD_SET(sock, &in);
    FD_SET(9, &in);
    select(10, &in, NULL, NULL, NULL);
EOF
    noted '3 is in a set too, but select looks only at descriptors below 3'
    grep -q 'select(10, {3, 9}, NULL, NULL, NULL) = -1 EBADF' told.txt
    run ! grep blocks told.txt
}

@test "an address that was never set lacks the family of its socket" {
    faulty unfilled <<'EOF'
#include <sys/un.h>
    struct sockaddr_storage none = {0};
    bind(sock, (void *)&none, sizeof here);
    sock = socket(AF_INET6, SOCK_STREAM, 0);
    bind(sock, (void *)&none, sizeof(struct sockaddr_in6));
    sock = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(sock, (void *)&none, sizeof(struct sockaddr_un));
EOF
    tr -s ' \n' ' ' <raw.txt >told.txt
    noted 'the address has family 0: it was never set. Set sin_family to AF_INET.'
    noted 'the address has family 0: it was never set. Set sin6_family to AF_INET6.'
    noted 'the address has family 0: it was never set. Set sun_family to AF_UNIX.'
}

# Of two bytes the call has taken the first: it is under way.
@test "a socket in a call of another thread does not end with a close" {
    cat >held.c <<'EOF'
#include <netinet/in.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>
static int ends[2];
static void *receive(void *two)
{
    recv(ends[0], two, 2, MSG_WAITALL);
    return NULL;
}
int main(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t size = sizeof here;
    char two[2];
    int unread = 1, sock = socket(AF_INET, SOCK_STREAM, 0);
    pthread_t thread;
    listen(sock, 1);
    getsockname(sock, (void *)&here, &size);
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    connect(ends[0], (void *)&here, sizeof here);
    ends[1] = accept(sock, NULL, NULL);
    send(ends[1], "o", 1, 0);
    pthread_create(&thread, NULL, receive, two);
    while (unread > 0)
        ioctl(ends[0], FIONREAD, &unread);
    close(ends[0]);
    send(ends[1], "k", 1, 0);
    pthread_join(thread, NULL);
    return 0;
}
EOF
    "${CC:-cc}" -w -pthread held.c -o held
    told ./held
    grep -q 'Another thread still holds this socket, so nothing ends' told.txt
    grep -q 'kernel: fd 4  closed  ESTABLISHED' told.txt
    run ! grep 'Another descriptor' told.txt
}

@test "a listening socket of another thread, at the same port, is another socket" {
    cat >shared.c <<'EOF'
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>
static struct sockaddr_in here = {.sin_family = AF_INET};
static void *serve(void *sock)
{
    socklen_t size = sizeof here;
    int *s = sock, on = 1;
    *s = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(*s, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    bind(*s, (void *)&here, sizeof here);
    listen(*s, 1);
    getsockname(*s, (void *)&here, &size);
    return NULL;
}
int main(void)
{
    int first, second;
    pthread_t thread;
    serve(&first);
    pthread_create(&thread, NULL, serve, &second);
    pthread_join(thread, NULL);
    close(first);
    close(second);
    return 0;
}
EOF
    "${CC:-cc}" -w -pthread shared.c -o shared
    told ./shared
    grep -q 'Another thread or descriptor, here or in another process, still$' told.txt
    [ "$(grep -c 'From now on callers are refused' told.txt)" -eq 1 ]
    run ! grep 'holds this socket' told.txt
}

@test "read without room returns at once, as recv does not" {
    faulty roomless <<'EOF'
    int client = socket(AF_INET, SOCK_STREAM, 0);
    give(sock, &here);
    reach(client, &here);
    read(client, b, 0);
EOF
    grep -q 'read(4, buffer, 0) = 0' told.txt
    grep -q 'There was room for no byte: that gives 0\.' told.txt
    run ! grep 'read(.* blocks' told.txt
}

@test "gethostbyname of an address asks nobody, and so does not block" {
    must_have localhost
    faulty numbers <<'EOF'
#include <netdb.h>
    gethostbyname("127.0.0.1");
    gethostbyname("localhost");
EOF
    [ "$(grep -c 'gethostbyname(.* = &host' told.txt)" -eq 2 ]
    [ "$(grep -c blocks told.txt)" -eq 1 ]
}

@test "Python: who waits after a connect that does not block is left open" {
    need python3
    cat >begins.py <<'EOF'
import select
import socket
server = socket.create_server(("127.0.0.1", 0))
client = socket.socket()
client.setblocking(False)
client.connect_ex(server.getsockname())
select.epoll()
EOF
    told python3 begins.py
    # Its own is told; the one that the import of socket tries is not.
    [ "$(grep -c 'epoll_create1(' told.txt)" -eq 1 ]
    tr -s ' \n' ' ' <raw.txt >told.txt
    grep -q 'after setblocking(False) that is left to the program' told.txt
    run ! grep 'Python itself: after settimeout' told.txt
}

@test "a crash is named, with the last call before it, and is as without us" {
    local kind said
    cat >crash.c <<'EOF'
#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>
int main(int argc, char *argv[])
{
    int sock = argc > 2 ? -1 : socket(AF_INET, SOCK_STREAM, 0);
    volatile int zero = 0, *volatile nowhere = NULL;
    if (*argv[1] == 's')
        *nowhere = 1;
    if (*argv[1] == 'a')
        assert(sock == -2);
    return 7 / zero;
}
EOF
    cc -w crash.c -o crash
    while read -r kind said; do
        # shellcheck disable=SC2086 # one word, or two
        run -"$kind" "$ROOT/scripts/narrate" ./crash $said 3>&-
        echo "$output"
        tr -s ' \n' ' ' <<<"$output" >told.txt
        read -r said
        grep -qF "$said" told.txt
    done <<'EOF'
139 s
The end: SIGSEGV, after call 1; still open: 3. The program used memory
139 s early
The end: SIGSEGV, before any call; no socket is open. The program used memory
134 a
The end: SIGABRT, after call 1; still open: 3. abort was called
136 f
The end: SIGFPE, after call 1; still open: 3. An integer was divided by zero.
EOF
}

@test "a stream on a socket is named once, its bytes arrive, its close is told" {
    faulty stream <<'EOF'
    int client = socket(AF_INET, SOCK_STREAM, 0);
    char line[16];
    FILE *streams[2];
    give(sock, &here);
    reach(client, &here);
    streams[0] = fdopen(accept(sock, NULL, NULL), "w");
    fputs("hello\n", streams[0]);
    streams[1] = fdopen(client, "r");
    fclose(streams[0]);
    if (fgets(line, sizeof line, streams[1]) == NULL || line[0] != 'h')
        return 1;
    return fclose(streams[1]);
EOF
    [ "$(grep -c 'is a stream now (fdopen)' told.txt)" -eq 1 ]
    grep -q ' close(5) = 0' told.txt
    grep -q ' close(4) = 0' told.txt
    grep -q 'still open: 3\.' told.txt
}

@test "queues of errors, an epoll of what is no socket, types of an address: named" {
    faulty named <<'EOF'
#include <netdb.h>
#include <sys/epoll.h>
    int client = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0), ends[2];
    struct epoll_event event = {EPOLLIN, {.u64 = 77}};
    struct addrinfo *list;
    give(sock, &here);
    epoll_ctl(epoll, EPOLL_CTL_ADD, sock, &event);
    pipe(ends);
    event.data.u64 = 78;
    epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
    write(ends[1], "x", 1);
    epoll_wait(epoll, &event, 1, 1000);
    reach(client, &here);
    recv(client, b, sizeof b, MSG_ERRQUEUE | MSG_DONTWAIT);
    send(client, "x", 1, MSG_MORE | MSG_ZEROCOPY);
    getaddrinfo("127.0.0.1", "80", NULL, &list);
EOF
    grep -q 'Ready: 6 (EPOLLIN)\.' told.txt
    grep -qE 'MSG_DONTWAIT\|MSG_ERRQUEUE|MSG_ERRQUEUE\|MSG_DONTWAIT' told.txt
    grep -q 'MSG_MORE|MSG_ZEROCOPY' told.txt
    grep -q '1\. 127\.0\.0\.1:80, SOCK_STREAM' told.txt
    grep -q '2\. 127\.0\.0\.1:80, SOCK_DGRAM' told.txt
    run ! grep 'Port 0 is 0x0000' told.txt
}

@test "what a program leaves to io_uring is said to be untold, once" {
    local told
    cat >rings.c <<'EOF'
#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char *argv[])
{
    long (*make)(long, ...) = syscall;
    char parameters[256] = {0}, again[256] = {0};
    (void)argv;
    if (argc > 1) /* past the narrator, as a library may */
        *(void **)&make = dlsym(dlopen("libc.so.6", RTLD_LAZY), "syscall");
    printf("%d\n", make(SYS_io_uring_setup, 4, parameters) != -1);
    make(SYS_io_uring_setup, 4, again);
    return socket(AF_INET, SOCK_STREAM, 0) == -1;
}
EOF
    gcc -w -o rings rings.c -ldl
    for told in '' past; do
        # shellcheck disable=SC2086 # a word or none
        told ./rings $told
        # 0 where the kernel has none, or forbids it
        [ "$(grep -c 'io_uring): what it puts there .* not told' told.txt)" \
            -eq "$output" ]
    done
}
