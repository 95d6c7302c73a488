# shellcheck shell=bash disable=SC2034 # bats reads some of this
# For helper.bash: before each command of a test, bats 1.8 formats the
# whole call stack, with forty commands of its own, which took most of the
# time of many tests. Here the stack is only saved, and formatted when a
# test has failed. What bats reports stays the same.

# The stack at a command, which bats_debug_trap saves, and that at the
# command before: all line numbers, then all function names, then all files.
STACK=() STACK_BEFORE=()

bats_debug_trap() {
    case ${BATS_INTERRUPTED-}${BATS_TIMED_OUT-}$1 in
    "$BATS_ROOT"/lib* | "${BASH_SOURCE[0]}" | true* | 1*) return 0 ;;
    esac
    STACK_BEFORE=("${STACK[@]}")
    STACK=("${BASH_LINENO[@]}" "${FUNCNAME[@]}" "${BASH_SOURCE[@]}")
}

bats_error_trap() {
    bats_check_status_from_trap
    local now="${BASH_LINENO[*]} ${BASH_SOURCE[*]}" depth=${#FUNCNAME[@]}
    [ "$now" != "${STACK[*]:0:depth} ${STACK[*]:2*depth}" ] ||
        [ -n "$BATS_DEBUG_LAST_STACK_TRACE_IS_VALID" ] ||
        STACK=("${STACK_BEFORE[@]}")
    BATS_DEBUG_LAST_STACK_TRACE_IS_VALID=1
}

# bats_get_failure_stack_trace VARIABLE: puts a word (line, name, file)
# there for each function, from the one that failed up to the test.
bats_get_failure_stack_trace() {
    local -n _words=$1
    [ -n "${BATS_DEBUG_LAST_STACK_TRACE_IS_VALID-}" ] ||
        STACK=("${STACK_BEFORE[@]}")
    local i depth=$((${#STACK[@]} / 3))
    local names=("${STACK[@]:depth:depth}") files=("${STACK[@]:2*depth}")
    _words=()
    for ((i = 1; i < depth; i++)); do
        _words+=("${STACK[i - 1]} ${names[i]} ${files[i]:-$BATS_TEST_SOURCE}")
        case ${names[i]} in
        "${BATS_TEST_NAME-}" | setup | teardown | setup_file | teardown_file)
            break
            ;;
        source) [[ ${files[i + 1]-} != *bats-exec-file ]] || break ;;
        esac
    done
}
