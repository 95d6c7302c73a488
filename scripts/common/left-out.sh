# shellcheck shell=sh
# left_out ROOT: prints the numbers of the lessons that ROOT/docs/handout.yaml
# leaves out, each with a space before it. A word there is a number, or a
# range such as 14-20; another one is refused, status 2.
left_out() {
    sed -n 's/^left-out: *//p' "$1/docs/handout.yaml" 2>/dev/null |
        tr -s ' "' '\n' | awk -F - '
            /^[0-9][0-9](-[0-9][0-9])?$/ {
                for (n = $1 + 0; n <= $NF + 0; n++) printf " %02d", n
                next
            }
            /./ && !/^#/ { print "docs/handout.yaml: left-out: \047" $0 "\047; numbers of lessons" \
                " expected, as in 13 or 14-20" >"/dev/stderr"; exit 2 }'
}
