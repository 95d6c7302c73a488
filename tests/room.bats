# The room in which what somebody else wrote is compiled and run, and the
# fence, where there can be no room: each attack of tests/attacks is handed
# in, as root and as an ordinary user. None reads or writes anything, and the
# judge judges as before.

load helper

NEEDS='bwrap setpriv getopt'

# yard USER [VERSION]: makes a copy of the toolkit, a home with a secret and a
# neighbour's work, all USER's. "${AS[@]}" before a command runs it as USER.
# With VERSION there is no room, and the kernel's Landlock is no newer.
yard() {
    YARD=$BATS_TEST_TMPDIR/$1
    TREE=$YARD/tree
    AS=(env "HOME=$YARD/home")
    rm -rf "$YARD"
    mkdir -p "$TREE"/{lessons,tests,docs,build} "$YARD"/{home,neighbour}
    "$ROOT/scripts/judge/build" 03_one_behind 09_only_by_hand
    # Other tests compile there: what is not done yet has a number behind its dot.
    tar -C "$ROOT/build" --exclude='*.[0-9]*' -cf - judge common | tar -C "$TREE/build" -xpf -
    cp -rp "$ROOT"/{scripts,Makefile,README.md} "$TREE"
    cp -r "$ROOT/lessons/mistakes" "$TREE/lessons"
    cp -r "$ROOT/build/mended" "$TREE/build"
    cp -r "$ROOT/docs/chapters" "$TREE/docs"
    echo 'token-7261' >"$YARD/home/secret"
    touch -d tomorrow "$YARD/home/secret" # newer than any source, for pragma.c
    echo 'int main(void) { return 0; }' >"$YARD/neighbour/03.c"
    [ $# = 1 ] || older "$2"
    # Only root can enter bats' folders.
    chmod o+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"/{..,.}
    if [ "$1" = ordinary ] && [ "$(id -u)" = 0 ]; then
        chown -R 64999:64999 "$YARD"
        AS=(setpriv --reuid 64999 --regid 64999 --clear-groups "${AS[@]}")
    fi
    [ $# = 1 ] || without_room fails
    before=$(sum)
}

# older VERSION: the judge takes the kernel for one with that Landlock.
older() {
    rm "$TREE/build/judge/fence.o"
    make -s -C "$TREE" CC="cc -DFENCE_AT_MOST=$1" \
        build/judge/{enter,03_one_behind,09_only_by_hand} 3>&-
}

# Prints the users that the test can be.
users() {
    [ "$(id -u)" != 0 ] || echo root
    echo ordinary
}

# Prints a sum of all in the yard: names, kinds, rights, contents.
sum() {
    (
        cd "$YARD" && find . ! -path './attack*' -printf '%p %y %m %l\n' |
            sort && find . -type f ! -path './attack*' -print0 | sort -z |
            xargs -0 sha256sum
    ) | sha256sum
}

# written NAME: writes that attack, with the paths of this yard, to $ATTACK.
written() {
    ATTACK=$YARD/attack-$1.c
    sed "s|@HOME@|$YARD/home|g; s|@NEIGHBOUR@|$YARD/neighbour/03.c|g
        s|@TREE@|$TREE|g; s|@SOURCE@|$ATTACK|g; s|@PORT@|${PORT-1}|g
        s|@NAME@|attack$$|g" \
        "$ROOT/tests/attacks/$1.c" >"$ATTACK"
    chmod 666 "$ATTACK"
}

check() { run "${AS[@]}" timeout 60 "$TREE/scripts/check" "$@" 3>&-; }

# Whether an attack says so on standard input.
succeeded() { grep -q -e stolen -e written: -e seen: -e traced: -e token-7261; }

# held: whether all is as it was, and no attack succeeded.
held() {
    echo "$output"
    ! succeeded <<<"$output" && [ "$(sum)" = "$before" ]
}

# judges: whether a program that is known to be wrong still fails.
judges() {
    check "$@" -f "$YARD/neighbour/03.c" 03
    [ "$status" -eq 1 ] || return
    [[ $output == *"03_one_behind: not yet."* ]]
}

# try NAME...: hands these in, several at a time, with the words $OWN; what
# was said of them is then in NAME.said.
try() {
    local name
    for name; do written "$name"; done
    # shellcheck disable=SC2016 # for the other shell
    printf '%s\n' "$@" | xargs -P 4 -I{} sh -c '
        name=$1 yard=$2 tree=$3 own=$4
        shift 4
        "$@" timeout 90 "$tree/scripts/check" $own -f "$yard/attack-$name.c" 03 \
            >"$name.said" 2>&1
        echo "$name as ${yard##*/}: status $?" >>"$name.said"' \
        sh {} "$YARD" "$TREE" "${OWN-}" "${AS[@]}" 3>&-
}

# attacks NAME...: each of them, as each user, gets and changes nothing.
attacks() {
    local name user
    must_have room user-room
    for user in $(users); do
        yard "$user"
        try "$@"
        for name; do
            cat "$name.said"
            ! succeeded <"$name.said" || return
            [[ $(tail -n 1 "$name.said") == *'status 1' ]] || return
        done
        [ "$(sum)" = "$before" ] || return
        judges || return
    done
}

# Prints the processes with the name that attacks give themselves, but for
# those that have ended, and which init has not waited for yet.
left() { ps -eo stat=,comm= | awk -v name="attack$$" '$2 == name && $1 !~ /Z/'; }

@test "a program reads no home, neighbour, judge, answer or open descriptor" {
    ulimit -Sn 4096
    exec 7<"$BATS_TEST_DIRNAME" 8<"$ROOT/README.md" 3000<&8
    attacks read exists
}

@test "a program writes to none of them, and not to its own source" {
    attacks write
}

@test "a compiler reads no file for a program, and does not say what there is" {
    attacks incbin include has_include devices quote pragma loader
}

@test "without the room the same attacks succeed, and that is said" {
    yard ordinary
    for name in read incbin include has_include pragma write; do
        echo "# $name"
        written "$name"
        check --trust -f "$ATTACK" 03
        echo "$output"
        [[ $output == *"--trust: neither room nor fence."*"all that you can"*"in neither room nor fence, "* ]]
        succeeded <<<"$output"
    done
    [ "$(sum)" != "$before" ]
}

@test "a program sees, traces and signals nobody: the judge lives" {
    attacks signals limits
}

@test "namespaces, the kernel's knobs and uncounted memory are out of reach" {
    attacks namespaces shared exhaust
    # A program outside the room does reach it.
    for name in shared exhaust; do
        written "$name"
        cc -w -o "$name" "$ATTACK"
        run timeout -s KILL 1 "./$name"
        succeeded <<<"$output"
    done
}

# serve: starts a server, at TCP port PORT, an abstract name and a path of
# Unix sockets; `called` is there once somebody has called it.
serve() {
    need python3
    local path=$BATS_TEST_TMPDIR/socket
    start server python3 -u -c "
import os, select, socket
tcp = socket.create_server(('127.0.0.1', 0))
all = [tcp]
for name in '\0attack$$', '$path':
    all.append(socket.socket(socket.AF_UNIX))
    all[-1].bind(name)
    all[-1].listen()
os.chmod('$path', 0o777)
print(tcp.getsockname()[1])
select.select(all, [], [])
print('called')
while True:
    for one in select.select(all, [], [])[0]:
        one.accept()"
    await server '^[0-9]'
    PORT=$(head -n 1 server.out)
}

@test "the host's network and its Unix sockets are out of reach" {
    serve
    attacks network local
    # A program outside the room does reach it.
    for name in network local; do
        written "$name"
        check --trust -f "$ATTACK" 03
        [[ $output == *stolen* ]]
    done
}

@test "a compiler has no network, not even the judge's" {
    local user real
    must_have room user-room
    real=$(command -v bwrap)
    for user in $(users); do
        yard "$user"
        mkdir "$YARD/bin"
        printf '#!/bin/sh\necho "$*" >>%s\nexec %s "$@"\n' \
            "$YARD/home/rooms" "$real" >"$YARD/bin/bwrap"
        chmod 755 "$YARD/bin" "$YARD/bin/bwrap"
        written network
        PATH=$YARD/bin:$PATH check -f "$ATTACK" 03
        grep ' -o ' "$YARD/home/rooms" >compiled
        cat compiled
        [ -s compiled ]
        run ! grep -v ' --unshare-net ' compiled
        # The program has the judge's network, in which its peer is.
        run ! grep -q ' --unshare-net ' <(grep -v ' -o ' "$YARD/home/rooms" | tail -n 1)
    done
}

@test "processes that outlive their parent, and bombs of them, leave nobody" {
    attacks outlive bomb chain
    run left
    [ -z "$output" ]
}

# bomb [COMMAND...]: hands one in, and runs this command again and again
# meanwhile. Sets `most` to the most processes that the bomb had at once;
# what was said of it is in check.out.
bomb() {
    local count
    written bomb
    start check "${AS[@]}" "$TREE/scripts/check" -f "$ATTACK" 03
    most=0
    while kill -0 "$(cat check.pid)" 2>&-; do
        count=$(left | wc -l)
        [ "$count" -le "$most" ] || most=$count
        "$@"
    done
    cat check.out
    echo "# $most at most"
}

@test "a bomb takes no more than 32 processes, and other commands still start" {
    must_have user-room
    yard ordinary
    bomb "${AS[@]}" true
    [ "$most" -gt 20 ]
    [ "$most" -le 32 ]
}

# bats test_tags=second
@test "behind a fence a bomb ends, and most of what it starts is never there" {
    must_have fence
    yard ordinary 99
    bomb
    [ "$most" -le 1100 ]
    grep -q 'more processes' check.out
    run left
    [ -z "$output" ]
}

@test "floods and full memory end within bounds" {
    attacks flood fill answers
}

@test "a compiler that does not end or eats memory is ended" {
    attacks endless hungry
}

@test "environment: nothing of the caller's gets in, whatever it is" {
    must_have user-room
    yard ordinary
    written environment
    mkdir "$YARD/bin"
    AS+=("TOKEN=token-7261" "TMPDIR=$YARD/none" "PATH=$YARD/bin:$PATH"
        "LD_LIBRARY_PATH=$YARD/bin" "CPATH=$YARD/home"
        "GCC_EXEC_PREFIX=$YARD/bin/" "C_INCLUDE_PATH=$YARD/home")
    printf '#!/bin/sh\necho written: my compiler >&2\n' >"$YARD/bin/as"
    chmod 755 "$YARD/bin/as"
    before=$(sum)
    check -f "$ATTACK" 03
    [ "$status" -eq 1 ]
    [[ $output == *"exit status 0"* ]]
    held
    judges
    printf '#include <stdio.h>\n__attribute__((constructor))
        static void first(void) { fputs("stolen\\n", stderr); }\n' >library.c
    cc -shared -fPIC -o "$YARD/bin/library.so" library.c
    before=$(sum)
    written environment
    AS+=("LD_PRELOAD=$YARD/bin/library.so")
    check -f "$ATTACK" 03
    [ "$status" -eq 1 ]
    [[ $output != *'it says'* ]]
}

@test "a link, a FIFO, a folder or a device in place of the source is refused" {
    for user in $(users); do
        yard "$user"
        ln -s "$YARD/home/secret" "$YARD/attack-link.c"
        ln -s /dev/zero "$YARD/attack-zero.c"
        mkfifo "$YARD/attack-fifo.c"
        mkdir "$YARD/attack-folder.c"
        for name in link zero fifo folder; do
            check -f "$YARD/attack-$name.c" 03
            [ "$status" -eq 2 ]
            [[ $output == *"judge: "*"attack-$name.c: this is "* ]]
            held
        done
        judges
    done
}

@test "a file name that looks like an option or draws on the terminal is a name" {
    yard ordinary
    cd "$YARD"
    for name in -DX=1.c @options.c '-o README.c' $'\033[2J.c' '\033[2J.c' \
        '$(id).c' '-x c++.c' "it's.c"; do
        "${AS[@]}" cp -- neighbour/03.c "$name"
        before=$(sum)
        check -f "$name" 03
        [ "$status" -eq 1 ]
        [[ $output != *$'\033'* ]]
        held
    done
    # The name is quoted: whoever types that runs nothing else.
    [[ $output == *" -f '$YARD/it'\\''s.c' 03, or by hand"* ]]
    judges
}

@test "a program does not forge what its calls are told with" {
    make -s -C "$ROOT" build/narrate.so 3>&-
    for user in $(users); do
        yard "$user"
        written forge
        cp "$ROOT/build/narrate.so" "$YARD"
        for path in "$PATH" "$(failing_bwrap):$PATH"; do
            run "${AS[@]}" env "PATH=$path" "$TREE/build/judge/03_one_behind" \
                -o -l "$YARD/narrate.so" "$ATTACK"
            echo "$output" | cat -v
            [ "$status" -eq 1 ]
            [[ $output != *$'\033'* ]]
            run -1 grep '^03_one_behind: mended' <<<"$output"
        done
    done
}

# failing_bwrap: prints a folder in which there is a bwrap that fails.
failing_bwrap() {
    local bin=$BATS_TEST_TMPDIR/fails
    mkdir -p "$bin"
    printf '#!/bin/sh\necho bwrap: No permissions here >&2; exit 1\n' \
        >"$bin/bwrap"
    chmod 755 "$bin/bwrap"
    echo "$bin"
}

# without_room WAY: a system without rooms: no bwrap, or one that fails.
without_room() {
    local bin=$BATS_TEST_TMPDIR/missing
    if [ ! -d "$bin" ]; then
        mkdir "$bin"
        ln -s /usr/bin/* "$bin"
        rm "$bin/bwrap"
    fi
    [ "$1" = missing ] || bin=$(failing_bwrap):$bin
    AS+=("PATH=$bin")
}

# fenced VERSION: each attack, as each user, behind the fence of a kernel
# with that Landlock. Sets PASSED to those that get or change something.
# Without signals of version 6, an ordinary user's attacks are his own (-o),
# and two of them would end what else he runs.
fenced() {
    local user name names OWN
    PASSED=
    for user in $(users); do
        OWN=
        yard "$user" "$1"
        names=$(cd "$ROOT/tests/attacks" && ls | sed 's/\.c$//')
        [ "$user" = root ] || [ "$1" -ge 6 ] || {
            OWN=-o
            names=$(grep -vx -e signals -e limits <<<"$names")
        }
        # A bomb takes what processes an ordinary user's other judges need.
        try bomb
        # shellcheck disable=SC2046 # words
        try $(grep -vx bomb <<<"$names")
        # shellcheck disable=SC2086 # words
        for name in $names; do
            cat "$name.said"
            [[ $(cat "$name.said") == *'behind a fence,'*"status 1" ]] || return
            ! succeeded <"$name.said" || PASSED+="$user:$name "
        done
        [ "$1" -ge 3 ] || continue # his own judge may be an empty file now
        # shellcheck disable=SC2086 # an option, or none
        judges $OWN || return
        [ "$(sum)" = "$before" ] || return
    done
    echo "# passed: $PASSED"
}

# passed NAME...: whether just these passed, as each user.
passed() {
    local user name all=
    for user in $(users); do
        for name; do all+="$user:$name "; done
    done
    [ "$PASSED" = "$all" ]
}

# bats test_tags=second
@test "behind a fence each attack gets and changes nothing, but sees if a file is there" {
    must_have fence
    serve
    fenced 99
    passed exists
    run left
    [ -z "$output" ]
}

# bats test_tags=second
@test "behind the fence of an older kernel more is open, as its report says" {
    must_have fence
    serve
    fenced 4
    passed exists
    [[ $(cat exists.said) != *'TCP ports'* ]]
    [ "$(tail -c 9 exists.said)" = 'status 1' ]
    # No rules for TCP, and none for truncate(2).
    fenced 1
    passed exists network write
    tr -s ' \n' ' ' <exists.said | grep -q 'all TCP ports, cutting files short'
}

@test "without a room one's own is judged and told so, another's if the fence keeps it" {
    for way in missing fails; do
        for user in $(users); do
            for version in 99 4 0; do
                echo "# $way $user $version"
                yard "$user" $version
                without_room "$way"
                where='behind a fence, because there is no room: '
                [ $version != 0 ] || where='in neither room nor fence, '
                others=0
                [ "$version$user" = 4root ] || [ $version = 99 ] || others=2
                check 03
                [ "$status" -eq 1 ]
                why=bwrap
                can room && can user-room || why=
                [[ $(tr -s ' \n' ' ' <<<"$output") == *"where $where"*"$why"* ]]
                [[ $output == *"03_one_behind: not yet."* ]]
                check -f "$TREE/build/mended/03/right.c" 03
                echo "$output"
                [ "$status" -eq $others ]
                [ $others = 0 ] ||
                    [[ $output == *"There is no room: "*"$why"*"no fence: "*Landlock*"-o "*"--trust"* ]]
                check -o -f "$TREE/build/mended/03/right.c" 03
                [ "$status" -eq 0 ]
                [ $version = 4 ] || continue
                echo >>"$TREE/lessons/mistakes/09_only_by_hand/09_only_by_hand.c"
                check 03 09
                [[ $(tr -s ' \n' ' ' <<<"$output") == *"$where"*"0 of 2 mended "* ]]
                check --trust -f "$TREE/build/mended/03/right.c" 03
                [ "$status" -eq 0 ]
                [[ $output == *"in neither room nor fence, "* ]]
            done
        done
    done
}

@test "with a room it is said, and root's program is not root" {
    must_have room user-room
    for user in $(users); do
        yard "$user"
        written who
        check -f "$ATTACK" 03
        [[ $output == *'  where     in a room of its own'* ]]
        [[ $output != *fence* ]]
        [[ $output == *'user 0, none'* ]]
    done
}
