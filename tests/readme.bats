# README.md promises nothing that is not there.

load helper

README=$ROOT/README.md

# What stands as code in it: between back quotes, or indented by four.
# shellcheck disable=SC2016 # back quotes are meant
code() { grep -oE '`[^`]+`|^ {4}.*' "$README"; }

# named PATTERN: prints each text in the code that matches, once; there
# are no fewer than three.
named() {
    code | grep -oE -e "$1" | sort -u >named
    [ "$(wc -l <named)" -ge 3 ]
    cat named
}

# all_of FILE1 FILE2: each line of the first file is in the second.
all_of() {
    local missing
    missing=$(grep -vxFf "$2" "$1") || return 0
    echo "missing: $missing"
    return 1
}

@test "what it shows is a part of a lesson, of a recorded run or of other output" {
    "$BUILD/play" show "$ROOT" "$ROOT/docs/runs/02" >02.txt
    "$ROOT/scripts/bare" 02_bind >02_bind.c
    python3 - "$README" 02_bind.c 02.txt "$ROOT"/docs/transcripts/*.txt <<'PYTHON'
import re, sys
readme, bare, *recorded = (open(name).read() for name in sys.argv[1:])
shown = re.findall("\n```(c?)\n(.*?)\n```\n", readme, re.S)
assert [kind for kind, _ in shown] == ["c", "", ""]
for kind, text in shown:
    if not any("\n" + text + "\n" in "\n" + whole
               for whole in ([bare] if kind else recorded)):
        sys.exit("nowhere:\n" + text)
PYTHON
}

@test "its table has every lesson, and every program in it is a lesson" {
    grep -E '^\| [0-9]{2} ' "$README" |
        grep -oE '\./[0-9]{2}_[a-z_]+' | sort -u | cut -c3- >table
    (cd "$ROOT/lessons" && printf '%s\n' [0-9]*.c) | sed 's/\.c$//' >lessons
    all_of lessons table
    named '\b[0-9]{2}_[a-z_]+' >programs
    (cd "$ROOT/lessons" && printf '%s\n' [0-9]*.c mistakes/*/[0-9]*.c) |
        sed 's,.*/,,; s/\.c$//' >there
    all_of programs there
}

@test "every target of make that it names is one" {
    named '\bmake [a-z-]+' | cut -d ' ' -f 2 >targets
    make -s -C "$ROOT" help | cut -d ' ' -f 1 >there
    all_of targets there
}

@test "every file and folder that it names is there" {
    local path
    for path in $(named '\b[a-z]+/[a-z0-9_/.-]*' | grep -v '^build/'); do
        [ -e "$ROOT/${path%.}" ] || {
            echo "there is no $path"
            return 1
        }
    done
}

@test "every heading that it links to is one" {
    sed -n 's/^## //p' "$README" | tr 'A-Z ' 'a-z-' | tr -d ',' >headings
    grep -oE '\]\(#[^)]*\)' "$README" | tr -d '])(#' | sort -u >links
    all_of links headings
}
