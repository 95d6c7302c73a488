# shellcheck shell=sh
# shellcheck disable=SC2154 # root and call are those of the caller
# narrated.sh: can the narrator be loaded into a program? For scripts/narrate
# and scripts/demo, which refuse with the same words. The caller has $root,
# $call, how it is called, and refuse STATUS WORDS..., which says why and
# exits.

# can_load: refuses a path of ours from which nothing can be loaded.
can_load() {
    case $root in
    *[\ :]*)
        quoted=$(printf '%s\n' "$root" | sed "s/'/'\\\\''/g")
        refuse 2 "nothing can be loaded from $root: the loader takes no" \
            "blank or colon in a path; make a link, ln -s '$quoted' ~/sockets," \
            "and call ~/sockets/scripts/${0##*/}"
        ;;
    esac
}

# find_program WORD: sets $path to the file that a shell would run.
find_program() {
    case $1 in
    */*) path=$1 ;;
    *)
        path=
        rest=${PATH-/usr/local/bin:/usr/bin:/bin}:
        while [ -n "$rest" ]; do
            at=${rest%%:*} rest=${rest#*:}
            if [ -f "${at:-.}/$1" ] && [ -x "${at:-.}/$1" ]; then
                path=${at:-.}/$1
                break
            fi
        done
        [ -n "$path" ] || {
            [ ! -f "$1" ] || refuse 127 "$1 is not in PATH; try ./$1"
            refuse 127 "there is no program $1; check its name, or give" \
                'a path like ./server'
        }
        ;;
    esac
    [ -e "$path" ] ||
        refuse 127 "there is no program $path; check its name, or compile it"
    [ -f "$path" ] ||
        refuse 126 "$path is not a file; a program expected"
    [ -x "$path" ] || {
        case $path in
        *.c) try="cc $path -o ${path%.c}" ;;
        *.py) try="$call python3 $path" ;;
        *) try="chmod +x $path" ;;
        esac
        refuse 126 "$path is not executable; try: $try"
    }
}

# processor HEADER: sets $processor to what readelf says of it: the lines
# Class and Machine.
processor() {
    class=${1#*Class:} machine=${1#*Machine:}
    processor="${class%%
*}, ${machine%%
*}"
}

# judge PATH: refuses a program that cannot be narrated. Asks readelf,
# which comes with the compiler.
judge() {
    first="" words=""
    read -r first words 2>/dev/null <"$1"
    case $first in
    '#!'*)
        interpreter=${first#\#!}
        [ -n "$interpreter" ] || interpreter=${words%% *}
        if [ ! -x "$interpreter" ] || [ -d "$interpreter" ]; then
            refuse 126 "$1 begins with #!$interpreter, which cannot be" \
                'executed; correct its first line'
        fi
        [ "$interpreter" = "$1" ] || judge "$interpreter"
        return
        ;;
    esac
    { [ ! -u "$1" ] && [ ! -g "$1" ]; } ||
        [ -z "$(find "$1" \( -perm -4000 ! -user "$(id -u)" \) -o \
            \( -perm -2000 ! -group "$(id -g)" \) 2>/dev/null)" ] ||
        refuse 2 "$1 is setuid or setgid: the system loads nothing into" \
            'it, so it cannot be narrated; try strace as root'
    command -v readelf >/dev/null || return 0
    elf=$(LC_ALL=C readelf -hlSdW --dyn-syms "$1" 2>/dev/null) || return 0
    case $elf in
    *.note.go.buildid*)
        refuse 2 "$1 is a Go program: it makes its system calls itself," \
            'so it cannot be narrated; try strace'
        ;;
    esac
    case $elf in
    *__asan_init* | *__tsan_init* | *__msan_init* | *__hwasan_init*)
        refuse 2 "$1 was built with a sanitizer, which takes the calls" \
            'over itself; to narrate it, compile it without -fsanitize'
        ;;
    esac
    case $elf in
    *' INTERP '*) ;;
    *)
        refuse 2 "$1 is linked statically, so that nothing can be loaded" \
            'into it; to narrate it, compile it without -static'
        ;;
    esac
    processor "$elf"
    theirs=$processor
    processor "$(LC_ALL=C readelf -hW "$root/build/narrate.so")"
    [ "$theirs" = "$processor" ] ||
        refuse 2 "$1 is for another kind of processor than cc compiles" \
            'for, so it cannot be narrated'
    # One pattern for both would take seconds: the shell backtracks.
    case $elf in
    *ld-musl-*) uses=$(LC_ALL=C readelf -dW "$root/build/narrate.so") ;;
    *) uses='' ;;
    esac
    case $uses in
    *'[libc.so.6]'*)
        refuse 2 "$1 uses another C library (musl) than cc does; compile" \
            'it with cc to narrate it'
        ;;
    esac
}

# build_narrator: makes build/narrate.so, if it is not there.
build_narrator() {
    # make -q exits with 1: something is to be made; with 2: make failed.
    make -q -C "$root" build/narrate.so >/dev/null 2>&1
    case $? in
    0) return ;;
    1) ! command -v cc >/dev/null ||
        echo "${0##*/}: compiling the narrator, once" >&2 ;;
    esac
    if ! made=$(make -s -C "$root" build/narrate.so 2>&1); then
        if ! command -v make || ! command -v cc; then
            refuse 2 "make and a C compiler (cc) are needed once, to build" \
                'build/narrate.so; scripts/dev/setup installs them'
        fi >/dev/null
        printf '%s\n' "$made" >&2
        refuse 2 'build/narrate.so cannot be built, for the reason above'
    fi
}
