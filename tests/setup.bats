# scripts/dev/setup on other machines, which a PATH of our own imitates. It
# holds what every system has, and fake package managers, which write down
# what they were asked for, and install empty programs.

load helper

# machine MANAGER ID: a machine with this package manager, where our user
# id is ID; make, bats and the other tools are there.
machine() {
    local tool
    export FAKE=$BATS_TEST_TMPDIR/bin
    mkdir -p "$FAKE"
    for tool in sh dirname cut tr sed grep sort paste mktemp env cat rm find chmod; do
        ln -sf "$(command -v "$tool")" "$FAKE/$tool"
    done
    fake id "echo $2"
    for tool in cc make bats strace python3 ss pkill flock bwrap patch timeout; do
        fake "$tool" 'exit 0'
    done
    # shellcheck disable=SC2016 # the fake's own, later
    fake "$1" 'echo "'"$1"' $*" >>"$FAKE/../asked"
        echo "$DEBIAN_FRONTEND" >>"$FAKE/../frontend"
        case " $* " in *" install "*) ;; *) exit 0 ;; esac
        [ ! -e "$FAKE/../broken" ] || { rm "$FAKE/../broken"; exit 100; }
        for package; do
            case $package in -*) continue ;; esac
            echo "#!/bin/sh" >"$FAKE/$package"
            chmod +x "$FAKE/$package"
        done'
}

fake() { printf '#!/bin/sh\n%s\n' "$2" >"$FAKE/$1" && chmod +x "$FAKE/$1"; }

on_it() { run env PATH="$FAKE" "$ROOT/scripts/dev/setup" "$@" </dev/null; }

@test "with nothing missing it does and prints nothing" {
    machine apt-get 0
    on_it test
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [ ! -e asked ]
}

@test "what is missing is named, and installed with apt-get" {
    machine apt-get 0
    rm "$FAKE/bats" "$FAKE/strace"
    on_it
    [ "$status" -eq 0 ]
    [[ ${lines[0]} == 'scripts/dev/setup: missing: bats, strace' ]]
    [ "$(wc -l <asked)" -eq 1 ]
    grep -q '^apt-get .* install --no-install-recommends bats strace$' asked
    grep -q '^noninteractive$' frontend
}

@test "old lists of packages are renewed, once" {
    machine apt-get 0
    rm "$FAKE/bats"
    : >broken
    on_it test
    [ "$status" -eq 0 ]
    [ "$(sed 's/.* \(install\|update\).*/\1/' asked | paste -s)" = \
        $'install\tupdate\tinstall' ]
}

@test "what cannot be installed is named, with status 1" {
    machine apt-get 0
    rm "$FAKE/bats"
    fake apt-get 'echo "E: no network"; exit 100'
    on_it test
    [ "$status" -eq 1 ]
    [[ $output == *'E: no network'* ]]
    [[ ${lines[-1]} == *'still missing: bats'* ]]
}

@test "where nothing can be written, that is said, and no tool is blamed" {
    machine apt-get 0
    rm "$FAKE/bats"
    TMPDIR=$PWD/none on_it
    [ "$status" -eq 1 ]
    [[ $output == "scripts/dev/setup: $PWD/none takes no files"*TMPDIR* ]]
    [ ! -e asked ]
}

@test "without the right to install it prints the command and stops" {
    machine apt-get 1000
    rm "$FAKE/bats"
    on_it test
    [ "$status" -eq 1 ]
    [ ! -e asked ]
    [ "${lines[-1]}" = '    sudo apt-get install --no-install-recommends bats' ]
    # The same where there is a sudo that would ask for a password.
    fake sudo 'exit 1'
    on_it test
    [ "$status" -eq 1 ]
    [ ! -e asked ]
}

@test "sudo is used where it is needed and allowed" {
    machine apt-get 1000
    rm "$FAKE/bats"
    # shellcheck disable=SC2016
    fake sudo 'echo sudo >>"$FAKE/../asked"; [ "$1" != -n ] || shift; exec "$@"'
    fake true 'exit 0'
    on_it test
    [ "$status" -eq 0 ]
    grep -q '^sudo$' asked
    grep -q 'install --no-install-recommends bats' asked
}

@test "other package managers: their own command is printed" {
    local manager
    declare -A command=(
        [dnf]='sudo dnf install bats iproute'
        [pacman]='sudo pacman -S --needed bash-bats iproute2'
        [apk]='sudo apk add bats iproute2-ss'
        [brew]='brew install bats-core'
    )
    for manager in dnf pacman apk brew; do
        rm -rf bin
        machine "$manager" 1000
        rm "$FAKE/bats" "$FAKE/ss"
        on_it test
        [ "$status" -eq 1 ]
        [ "${lines[-1]}" = "    ${command[$manager]}" ]
        [ ! -e asked ]
    done
}

@test "where the kernel's headers are a package of their own, it is named" {
    machine apk 1000
    fake cc '! grep -q "include <linux/"'
    on_it test
    [ "$status" -eq 1 ]
    [ "${lines[-1]}" = '    sudo apk add gcc linux-headers musl-dev' ]
}

@test "without a package manager it names what to install by hand" {
    machine none-at-all 0
    rm "$FAKE/bats"
    on_it test
    [ "$status" -eq 1 ]
    [[ ${lines[-1]} == *'still missing: bats; install it by hand'* ]]
}

@test "clang's run time is the one of clang's version" {
    machine apt-get 0
    fake clang '[ "$1" = -dumpversion ] && echo 17.0.6'
    mkdir tmp
    TMPDIR=$PWD/tmp on_it all
    grep -q ' install .*libclang-rt-17-dev' asked
    rmdir tmp # both rounds leave nothing there
}

@test "a group is only what it needs" {
    machine dnf 0
    rm "$FAKE/bats"
    on_it stage
    [ "$status" -eq 1 ]
    # The list may lack ip's package: ip may be in /sbin.
    [[ ${lines[-1]} == '    dnf install '*util-linux ]]
    [[ $output != *tmux* ]]
}

@test "an argument that is no group is refused" {
    local words
    for words in tests '' 'test all' --list; do
        # shellcheck disable=SC2086
        if [ -n "$words" ]; then
            run -2 "$ROOT/scripts/dev/setup" $words
        else
            run -2 "$ROOT/scripts/dev/setup" ''
        fi
        [[ $output == *'test, handout, stage, lab and all expected'* ]]
    done
}

@test "every row of its table is whole" {
    run awk -F '|' '
        /^TABLE/ { exit }
        /^(test|handout|stage|lab|all) / && NF != 7 { print }
    ' "$ROOT/scripts/dev/setup"
    [ -z "$output" ]
}
