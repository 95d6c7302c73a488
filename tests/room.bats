# The room in which what somebody else wrote is compiled and run: each
# attack of tests/attacks is handed in, as root and as an ordinary user.
# None reads or writes anything, and the judge judges as before.

load helper

NEEDS='bwrap setpriv getopt'

# yard USER: makes a copy of the toolkit, a home with a secret and a
# neighbour's work, all USER's. "${AS[@]}" before a command runs it as USER.
yard() {
    YARD=$BATS_TEST_TMPDIR/$1
    TREE=$YARD/tree
    AS=(env "HOME=$YARD/home")
    [ "$1" = root ] || ordinary_rooms ||
        skip "this system denies user namespaces to ordinary users"
    mkdir -p "$TREE"/{lessons,tests,docs,build/judge} "$YARD"/{home,neighbour}
    "$ROOT/scripts/judge/build" 03_one_behind 09_only_by_hand
    cp "$ROOT"/build/judge/{lock,enter{,.sums},*.o{,.sums},common.sums,0[39]_*} "$TREE/build/judge"
    cp -r "$ROOT/scripts" "$ROOT/README.md" "$TREE"
    cp -r "$ROOT/lessons/mistakes" "$TREE/lessons"
    cp -r "$ROOT/build/mended" "$TREE/build"
    cp -r "$ROOT/docs/chapters" "$TREE/docs"
    echo 'token-7261' >"$YARD/home/secret"
    echo 'int main(void) { return 0; }' >"$YARD/neighbour/03.c"
    if [ "$1" = ordinary ] && [ "$(id -u)" = 0 ]; then
        # Only root can enter bats' folders.
        chmod o+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"/{..,.}
        chown -R 64999:64999 "$YARD"
        AS=(setpriv --reuid 64999 --regid 64999 --clear-groups "${AS[@]}")
    fi
    before=$(sum)
}

users() {
    [ "$(id -u)" != 0 ] || echo root
    [ "$(id -u)" = 0 ] && ! ordinary_rooms || echo ordinary
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
    ATTACK=$YARD/attack.c
    sed "s|@HOME@|$YARD/home|g; s|@NEIGHBOUR@|$YARD/neighbour/03.c|g
        s|@TREE@|$TREE|g; s|@SOURCE@|$ATTACK|g; s|@PORT@|${PORT-1}|g
        s|@NAME@|attack$$|g" \
        "$ROOT/tests/attacks/$1.c" >"$ATTACK"
    chmod 666 "$ATTACK"
}

check() { run "${AS[@]}" timeout 60 "$TREE/scripts/check" "$@" 3>&-; }

# held: whether all is as it was, and no attack succeeded.
held() {
    echo "$output"
    local word
    for word in stolen written: seen: traced: token-7261; do
        [[ $output != *$word* ]] || return
    done
    [ "$(sum)" = "$before" ]
}

# judges: whether a program that is known to be wrong still fails.
judges() {
    check -f "$YARD/neighbour/03.c" 03
    [ "$status" -eq 1 ] || return
    [[ $output == *"03_one_behind: not yet."* ]]
}

# attacks NAME...: each of them, as each user, gets and changes nothing.
attacks() {
    local name user
    for user in $(users); do
        yard "$user"
        for name; do
            echo "# $name as $user"
            written "$name"
            check -f "$ATTACK" 03
            [ "$status" -eq 1 ] || return
            held || return
        done
        judges || return
    done
}

# Prints the processes with the name that attacks give themselves.
left() { pgrep "attack$$"; }

@test "a program reads no home, neighbour, judge, answer or open descriptor" {
    ulimit -Sn 4096
    exec 7<"$BATS_TEST_DIRNAME" 8<"$ROOT/README.md" 3000<&8
    attacks read
}

@test "a program writes to none of them, and not to its own source" {
    attacks write
}

@test "a compiler reads no file for a program, and does not say what there is" {
    attacks incbin include has_include devices
}

@test "without the room the same attacks succeed, and that is said" {
    yard ordinary
    for name in read incbin include has_include write; do
        echo "# $name"
        written "$name"
        check --trust -f "$ATTACK" 03
        echo "$output"
        [[ $output == *"--trust: no room."*"all that you can"* ]]
        [[ $output == *stolen* ]] || [[ $output == *written:* ]] ||
            [[ $output == *token-7261* ]]
    done
    [ "$(sum)" != "$before" ]
}

@test "a program sees, traces and signals nobody: the judge lives" {
    attacks signals
}

@test "namespaces, the kernel's knobs and uncounted memory are out of reach" {
    attacks namespaces shared
    # A program outside the room does reach it.
    cc -w -o shared "$ATTACK"
    run ./shared
    [[ $output == *"memory that nobody counts"* ]]
}

@test "the host's network and its Unix sockets are out of reach" {
    need python3
    start server python3 -u -c "
import socket
tcp = socket.create_server(('127.0.0.1', 0))
local = socket.socket(socket.AF_UNIX)
local.bind('\0attack$$')
local.listen()
print(tcp.getsockname()[1])
import signal
signal.pause()"
    await server '[0-9]'
    PORT=$(cat server.out)
    attacks network
    # A program outside the room does reach it.
    written network
    check --trust -f "$ATTACK" 03
    [[ $output == *stolen* ]]
}

@test "a compiler has no network, not even the judge's" {
    local user real
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
    attacks outlive bomb
    run left
    [ -z "$output" ]
}

@test "a bomb takes no more than 32 processes, and other commands still start" {
    yard ordinary
    written bomb
    start check "${AS[@]}" "$TREE/scripts/check" -f "$ATTACK" 03
    most=0
    while kill -0 "$(cat check.pid)" 2>&-; do
        count=$(left | wc -l)
        [ "$count" -le "$most" ] || most=$count
        "${AS[@]}" true
    done
    echo "# $most at most"
    [ "$most" -gt 20 ]
    [ "$most" -le 32 ]
}

@test "floods and full memory end within bounds" {
    attacks flood fill
}

@test "a compiler that does not end or eats memory is ended" {
    attacks endless hungry
}

@test "environment: nothing of the caller's gets in, whatever it is" {
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

@test "a judge that is not what its source makes is made anew" {
    for user in $(users); do
        yard "$user"
        for name in 03_one_behind enter talk.o; do
            printf '#!/bin/sh\nexit 0\n' >"$TREE/build/judge/$name"
            chmod 755 "$TREE/build/judge/$name"
            judges
            held
        done
        sed -i 's/^ *act();$//' "$TREE/scripts/judge/watch.c"
        touch -d 2001-01-01 "$TREE/scripts/judge/watch.c"
        check -f "$YARD/neighbour/03.c" 03
        [ "$status" -eq 0 ]
    done
}

# without_room WAY: a system without rooms: no bwrap, or one that fails.
without_room() {
    local bin=$BATS_TEST_TMPDIR/$1
    if [ "$1" = missing ] && [ ! -d "$bin" ]; then
        mkdir "$bin"
        ln -s /usr/bin/* "$bin"
        rm "$bin/bwrap"
    elif [ "$1" = fails ]; then
        mkdir -p "$bin"
        printf '#!/bin/sh\necho bwrap: No permissions here >&2; exit 1\n' \
            >"$bin/bwrap"
        chmod 755 "$bin/bwrap"
        bin=$bin:$BATS_TEST_TMPDIR/missing
    fi
    AS+=("PATH=$bin")
}

@test "without a room one's own is judged and told so, another's is refused" {
    for way in missing fails; do
        for user in $(users); do
            yard "$user"
            without_room "$way"
            check 03
            [ "$status" -eq 1 ]
            [[ $output == *"no room "*bwrap*"own rights"* ]]
            [[ $output == *"03_one_behind: not yet."* ]]
            check 03 09
            [[ $output == *"no room "*"own rights"*"0 of 2 mended" ]]
            cp "$TREE/build/mended/03/right.c" \
                "$TREE/lessons/mistakes/03_one_behind/03_one_behind.c"
            check 03
            [ "$status" -eq 0 ]
            check -f "$TREE/build/mended/03/right.c" 03
            [ "$status" -eq 2 ]
            [[ $output == *"there is none:"*bwrap*"--trust"* ]]
            check --trust -f "$TREE/build/mended/03/right.c" 03
            [ "$status" -eq 0 ]
            rm -r "$YARD"
        done
    done
}

@test "with a room nothing is said of one, and root's program is not root" {
    for user in $(users); do
        yard "$user"
        written who
        check -f "$ATTACK" 03
        [[ $output != *room* ]]
        [[ $output == *'user 0, none'* ]]
    done
}
