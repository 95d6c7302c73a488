# The records that the narrator leaves for a player.

load helper
load narrate

# recorded COMMAND...: runs it as a player does, whose secret is s3. All that
# it wrote is in `all`; its records, without the secret, are in `records`.
recorded() {
    NARRATE_SECRET=s3 NARRATE_CUE=7 "$@" 7</dev/zero >all 2>err 3>&- 4>&-
    LC_ALL=C sed -n $'s/^.*\x1es3\t//p' all >records
}

# fields N: prints field N, from 1, of each record.
fields() { cut -f "$1" records; }

@test "a record has its fields, 17 behind the secret, whatever it is" {
    program told <<EOF
    $PAIR
    char bytes[10];
    int sock = socket(AF_INET, SOCK_STREAM, 0);
    send(pair[0], "a\tb\n", 4, 0);
    recv(pair[1], bytes, sizeof bytes, 0);
    poll(&(struct pollfd){pair[1], POLLIN, 0}, 1, 1);
    listen(sock, 5);
    listen(-1, 5);
EOF
    recorded ./told
    [ "$(awk -F '\t' '{ print NF }' records | sort -u)" = 17 ]
    # Nothing else is in the output, on either stream.
    [ "$(wc -l <all)" -eq "$(wc -l <records)" ]
    [ ! -s err ]
    [ "$(fields 1 | sort -u | tr '\n' ' ')" = \
        'before blocks call came error kernel means title ' ]
    [ "$(fields 2 | sort -u | wc -l)" -eq 1 ] # process
    [ "$(fields 3 | sort -u)" = 1 ]           # thread
    diff <(fields 4) <(seq "$(wc -l <records)")
    awk -F '\t' '$1 == "call" && $7 == "socket"' records |
        cut -f 5,6,7,8,9,10 >socket
    [ "$(cat socket)" = "$(printf '2\t%d\tsocket\tAF_INET, SOCK_STREAM, 0\t5\t' \
        "$(grep -n 'int sock' told.c | cut -d : -f 1)")" ]
    [ "$(awk -F '\t' '$1 == "call" && $7 == "send" { print $8 }' records)" = \
        '3, "a\tb\n", 4, 0' ]
    [ "$(awk -F '\t' '$1 == "came" && $7 == "recv" { print $11, $16, $17 }' records)" = \
        '4 4 received: "a\tb\n"' ]
    [ "$(awk -F '\t' '$1 == "call" && $9 == -1 { print $7, $10 }' records)" = \
        'listen EBADF' ]
    [ "$(awk -F '\t' '$1 == "kernel" && $7 == "listen" { print $11, $12, $15 }' \
        records)" = '5 LISTEN 0 waiting, backlog 5' ]
    awk -F '\t' '$1 == "error" { print $17 }' records | grep -q '^That means: '
}

@test "tabs, newlines and separators in a record are escaped" {
    TITLE='#define TITLE "a\ttab\na line\036s3\tforged"' program odd <<<''
    recorded ./odd
    [ "$(wc -l <all)" -eq 1 ]
    [ "$(fields 17)" = 'odd: a\x09tab\x0Aa line\x1Es3\x09forged' ]
}

@test "a record may follow a prompt, and a forged one lacks the secret" {
    program forged <<EOF
    printf("prompt> ");
    socket(AF_INET, SOCK_STREAM, 0);
    printf("\036guess\tcall\t1\t1\t1\t1\t1\tsocket\n");
    printf("\036\tcall\t1\t1\t1\t1\t1\tsocket\n");
    puts(getenv("NARRATE_SECRET") == NULL ? "no secret" : "");
EOF
    recorded ./forged
    LC_ALL=C grep -q $'^prompt> \x1es3\tbefore\t' all
    [ "$(LC_ALL=C grep -c $'\x1e' all)" -eq "$(($(wc -l <records) + 2))" ]
    # The program itself cannot learn the secret.
    grep -qx 'no secret' all
}

@test "two processes and two threads are told apart, in records and lines" {
    FRONT='static void *work(void *unused)
{
    close(socket(AF_INET, SOCK_STREAM, 0));
    return unused;
}' program both <<'EOF'
    pthread_t thread;
    work(NULL);
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
    pid_t child = fork();
    if (child == 0) {
        work(NULL);
        return 0;
    }
    waitpid(child, NULL, 0);
    printf("child %ld\n", (long)child);
EOF
    recorded ./both
    child=$(sed -n 's/^child //p' all)
    [ "$(fields 2 | sort -u | wc -l)" -eq 2 ]
    fields 2 | grep -qx "$child"
    [ "$(fields 3 | uniq | tr '\n' ';')" = '1;2;1;1 of child 1;1;' ]
    ./both >out 3>&- 4>&-
    child=$(sed -n 's/^child //p' out)
    grep -q '^ \[thread 2\] *[0-9]*  socket(' out
    grep -q '^ \[child 1\] *[0-9]*  socket(' out
    grep -q '^  1  socket(' out
}

@test "a child's child has a name of its own, and waitpid its options" {
    program grandchild <<'EOF'
    int status;
    for (int i = 0; i < 3; i++)
        if (fork() > 0)
            return waitpid(-1, &status, WUNTRACED) == -1;
EOF
    ./grandchild >out
    [ "$(grep -c '= 0$' out)" -eq 3 ]
    [ "$(sed -n 's/^ \[\(.*\)\] .*fork() = 0$/\1/p' out | sort -u | wc -l)" -eq 3 ]
    grep -q '^ \[child 1\] .*waitpid(-1, &status, WUNTRACED) = ' out
    [ "$(grep -c 'A child has ended' out)" -eq 3 ]
}

@test "NARRATE_SECRET alone gives records, and the program stops nowhere" {
    program free <<<'close(socket(AF_INET, SOCK_STREAM, 0));'
    NARRATE_SECRET=s3 ./free >all </dev/null 3>&- 4>&-
    [ "$(LC_ALL=C sed -n $'s/^\x1es3\t\\([a-z]*\\)\t.*/\\1/p' all | sort -u |
        tr '\n' ' ')" = 'call kernel means title ' ]
    [ "$(grep -c . all)" -eq "$(grep -ac s3 all)" ]
}

@test "NARRATE_CUE that is no open descriptor, or has no secret, is refused" {
    NARRATE_CUE=77 NARRATE_SECRET=x run -2 "$BUILD/01_socket"
    [[ $output == *NARRATE_CUE*'"77"'*descriptor* ]]
    NARRATE_CUE=0 run -2 "$BUILD/01_socket"
    [[ $output == *NARRATE_SECRET* ]]
}
