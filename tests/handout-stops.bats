# The handout: whoever breaks it is told what is wrong.

load helper

NEEDS='pandoc weasyprint'

# HERE: all that the book is made from.
setup_file() {
    export HERE=$BATS_FILE_TMPDIR/here
    bookshop "$HERE"
}

# refuses PATTERN: the build of the copy in ./book stops with status 1
# and one line that matches.
refuses() {
    CHAPTERS=${chapter-03} run --separate-stderr book/scripts/dev/handout
    [ "$status" -eq 1 ]
    # shellcheck disable=SC2154 # bats sets it
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == 'handout: '$1 ]] || {
        echo "$stderr"
        return 1
    }
}

@test "a marker that names no file stops the build" {
    cp -a "$HERE" book
    sed -i 's/file="03_listen.c"/file="03_lisp.c"/' book/docs/chapters/03-*.md
    refuses 'docs/chapters/03-listen.md: lessons/03_lisp.c is not there*'
}

@test "a run that is not there stops the build" {
    cp -a "$HERE" book
    rm book/docs/runs/03
    refuses '*docs/runs/03 is not there: record it with scripts/dev/record*'
}

@test "a figure that is not there stops the build" {
    cp -a "$HERE" book
    rm book/docs/figures/backlog.svg
    refuses '*docs/figures/backlog.svg is not there*'
}

@test "a figure without a text alternative stops the build" {
    cp -a "$HERE" book
    sed -i '/backlog.svg/s/alt="[^"]*"//' book/docs/chapters/03-*.md
    refuses '*figures/backlog.svg has no text alternative*'
}

@test "an error that errors.h does not have stops the build" {
    cp -a "$HERE" book
    sed -i 's/{.errors calls="listen"/{.errors calls="listne"/' \
        book/docs/chapters/03-*.md
    refuses '*narrator has no row for listne*'
}

# whole_of WORDS: makes ./book a small but whole book: two chapters, the
# first with these words, and the program 03_listen.c.
whole_of() {
    cp -a "$HERE" book
    rm book/docs/chapters/* book/lessons/[0-9]*.c
    cp "$HERE/lessons/03_listen.c" book/lessons
    printf '# One {#ch-one}\n\n%s\n' "$1" >book/docs/chapters/00-one.md
    printf '# Two {#ch-two}\n\n::: {.weave file="03_listen.c"}\n:::\n' \
        >book/docs/chapters/01-two.md
}

@test "a link to nowhere stops the build" {
    whole_of 'See [there](#nowhere-at-all), [not here](#ch-two).'
    chapter='' refuses 'docs/chapters/00-one.md: a link goes to #nowhere-at-all*'
    [ ! -e book/build/.handout ]
}

@test "a lesson that is in no chapter stops the build" {
    whole_of 'See [below](#ch-two).'
    cp book/lessons/03_listen.c book/lessons/03_new.c
    chapter='' refuses '*lessons/03_new.c is in no chapter*'
    [ ! -e book/build/.handout ]
}

@test "what finds no room in build/ stops the build, and half of it is not kept" {
    cp -a "$HERE" book
    mkdir bin
    # As on a disk that becomes full.
    cat >bin/mv <<'END'
#!/bin/sh
[ ! -d "$2" ] || set -- "$1" "$2/${1##*/}"
printf half >"$2"
exit 1
END
    chmod +x bin/mv
    PATH=$PWD/bin:$PATH refuses 'build/.handout-03 cannot be written, *'
    run ls -A book/build
    [[ $output != *handout* ]]
}

@test "a build leaves nothing in TMPDIR, not even what weasyprint leaves there" {
    mkdir tmp
    cp -a "$HERE" book
    TMPDIR=$PWD/tmp CHAPTERS=03 run -0 book/scripts/dev/handout
    [ -s book/build/handout-03.pdf ]
    rmdir tmp
}

@test "a tool that is missing stops the build and is named" {
    local tool missing
    cp -a "$HERE" book
    mkdir bin
    for missing in pandoc weasyprint; do
        rm -rf bin && mkdir bin
        for tool in sh cc pandoc weasyprint python3 git sed cat find sort date cksum \
            mktemp mkdir rm mv dirname tr awk grep cut paste uname id; do
            [ $tool = $missing ] || ln -s "$(command -v $tool)" bin
        done
        PATH=$PWD/bin run --separate-stderr book/scripts/dev/handout
        [ "$status" -eq 1 ]
        [[ $stderr == *"handout: $missing is missing; scripts/dev/setup handout installs it" ]]
    done
}

@test "wrong settings are refused" {
    PAPER=a5 run --separate-stderr "$HERE/scripts/dev/handout"
    [ "$status" -eq 2 ]
    [[ $stderr == *'PAPER is a5; a4 or letter expected' ]]
    CHAPTERS=77 run --separate-stderr "$HERE/scripts/dev/handout"
    [ "$status" -eq 2 ]
    [[ $stderr == *'there is no chapter 77; there are: '*03-listen.md* ]]
    CHAPTERS=01- run --separate-stderr "$HERE/scripts/dev/handout"
    [ "$status" -eq 2 ]
    [[ $stderr == *'CHAPTERS has 01-; numbers expected, as in 03 or 01-04' ]]
    CHAPTER=03 run --separate-stderr "$HERE/scripts/dev/handout"
    [ "$status" -eq 2 ]
    [[ $stderr == *"CHAPTER is CHAPTERS now: CHAPTERS='03'" ]]
    PERIOD=4 run --separate-stderr "$HERE/scripts/dev/handout"
    [ "$status" -eq 2 ]
    [[ $stderr == *'PERIOD is 4; 1, 2 or 3 expected' ]]
    ANSWERS=none run --separate-stderr "$HERE/scripts/dev/handout"
    [ "$status" -eq 2 ]
    [[ $stderr == *'ANSWERS is none; yes or no expected' ]]
    run --separate-stderr "$HERE/scripts/dev/handout" now
    [ "$status" -eq 2 ]
    [[ $stderr == *'`site'\'', `slides'\'', `quiz'\'' or no argument expected, not: now'* ]]
}
