# shellcheck shell=sh
# What every command in scripts/ does first. Each begins with a comment,
# which is its help, and then reads this file and calls `basics "$@"`.
unset CDPATH # cd would search it

# The version: what scripts/dev/archive wrote down, or else what git says.
version() {
    base=$(dirname "$0")/..
    [ -d "$base/scripts" ] || base=$base/.. # a command of scripts/dev
    if [ -f "$base/VERSION" ]; then
        cat "$base/VERSION"
    elif [ -e "$base/.git" ]; then
        git -C "$base" describe --tags --always --dirty 2>/dev/null
    else
        false
    fi || echo 'of unknown version'
}

# basics ARGUMENT...: answers -h, --help and --version, and then exits with
# status 0, or 1 if the answer cannot be printed. Looks as far as `--`.
basics() {
    for word; do
        case $word in
        -h | --help) sed -n '1d; /^#/!q; s/^# \{0,1\}//p' "$0" || exit 1 ;;
        --version) echo "${0##*/} (sockets) $(version)" || exit 1 ;;
        --) return ;;
        *) continue ;;
        esac
        exit
    done
}

# refuse, fail WHY: says in a line why not; exit status 2 for what was asked
# wrongly, 1 for what did not work.
refuse() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 2
}

fail() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 1
}
