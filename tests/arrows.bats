# The parts of scripts: each knows those below it, none of them one above, and
# what a part holds no other reaches by its name. The objects say so, nm(1).

load helper

NEEDS='nm tsort'

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
    cd "$ROOT" || return
    make -s -j2 build/play build/board build/crowd build/cable 3>&-
    basename -s .c scripts/judge/{exercises,tasks}/*.c | xargs scripts/judge/build pair
}

# arrows: a row for each name that an object needs of another: the two as
# FOLDER/NAME.o, the name, its class and its section. Programs that are not
# linked together may have the same name twice: the one in the same folder
# counts.
arrows() {
    (
        cd "$ROOT/scripts" && find . -name '*.c' |
            sed -E 's,^./((play|stage)/),player/\1,; s,^./,,; s/c$/o/' |
            (cd ../build && xargs nm -A -f sysv)
    ) |
        awk -F '|' '
            NF < 7 { next }
            {
                gsub(/ /, "")
                split($1, at, ":")
                sub("^player/", "", at[1])
                folder = at[1]
                sub("/.*", "", folder)
                if ($3 == "U") {
                    needs[at[1] " " at[2]] = folder
                } else if ($3 ~ /[TDBRCV]/) {
                    where[at[2]] = where[at[2]] " " at[1]
                    what[at[1] " " at[2]] = $3 " " $7
                }
            }
            END {
                for (row in needs) {
                    split(row, part, " ")
                    n = split(where[part[2]], found, " ")
                    near = index(where[part[2]], " " needs[row] "/") > 0
                    for (i = 1; i <= n; i++)
                        if (!near || index(found[i], needs[row] "/") == 1)
                            print part[1], found[i], part[2],
                                what[found[i] " " part[2]]
                }
            }' | sort -u
}

@test "no object needs one that needs it, on whatever way" {
    arrows | cut -d ' ' -f 1,2 >pairs
    [ "$(wc -l <pairs)" -gt 200 ]
    run tsort pairs # it names what is in a circle
    grep '^tsort' <<<"$output" || [ "$status" -eq 0 ]
    [ "$status" -eq 0 ]
}

@test "no object reaches what another holds and changes: only constants and functions have a name elsewhere" {
    # .data.rel.ro: constants that hold addresses.
    arrows | grep -v ' \.data\.rel\.ro' >rows
    grep ' [DBC] ' rows || true
    run -1 grep -q ' [DBC] ' rows
}

@test "common knows no other part; play, judge and network only that; stage and class play, too; the narrator none" {
    arrows | sed 's,/[^ ]* , ,; s,/[^ ]* .*,,' | sort -u | awk '$1 != $2' >folders
    cat folders
    run -1 grep -vxE '(play|judge|network) common|(stage|class) (play|common)' folders
    run -1 grep -rn 'include.*scripts' "$ROOT/lessons"
}
