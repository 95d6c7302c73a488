# For scripts/dev/record and scripts/dev/recording/look: masks what varies from run
# to run. `port` is the port of the lessons, and becomes 8888. Ports of five
# digits, which the kernel chose, become 50001, 50002, ... in the order in
# which they appear; how long a call took becomes ##. Whether the peer's
# kernel has already acknowledged the FIN of a socket just closed also
# varies: FIN-WAIT-2 becomes FIN-WAIT-1.
#
# In the frames of lesson 13, the random initial sequence number of each
# side becomes 1000 (client) or 5000 (server).
#
# With a file given twice, the first pass only numbers ports, and skips
# segments: these are not always seen, so their ports get the last numbers.

# 127.0.0.1:NNNNN, 127.0.0.1.NNNNN, 192.0.2.1:NNNNN, ]:NNNNN, "port NNNNN"
function chosen(text,    before, digits) {
    while (match(text, /((127\.0\.0|192\.0\.2)\.[12][:.]|port |\]:)[1-9][0-9][0-9][0-9][0-9]/)) {
        digits = substr(text, RSTART + RLENGTH - 5, 5)
        if (!(digits in name))
            name[digits] = 50001 + known++
        before = before substr(text, 1, RSTART + RLENGTH - 6) name[digits]
        text = substr(text, RSTART + RLENGTH)
    }
    return before text
}

# Puts 8888 for this port where it is not part of a longer number.
function usual(text,    before, at, after) {
    while ((at = index(text, port)) > 0) {
        after = at + length(port)
        before = before substr(text, 1, at - 1) \
            (substr(" " text, at, 1) substr(text, after, 1) ~ /[0-9]/ \
                ? port : 8888)
        text = substr(text, after)
    }
    return before text
}

# Counts the number after `word` from the first one seen of this port.
function counted(word, port,    digits) {
    if (!match($0, word " [0-9]+"))
        return
    digits = substr($0, RSTART + length(word) + 1, \
        RLENGTH - length(word) - 1)
    if (!(port in first)) {
        first[port] = digits
        shown[port] = port == 8888 ? 5000 : 1000
    }
    $0 = substr($0, 1, RSTART - 1) word " " \
        digits - first[port] + shown[port] substr($0, RSTART + RLENGTH)
}

BEGIN {
    hex = sprintf("%04X", port)
    bytes = substr(hex, 1, 2) " " substr(hex, 3)
}

ARGC > 2 && NR == FNR {
    if (!/^segment\t/)
        chosen(port != 8888 ? usual($0) : $0)
    next
}

# Process numbers, what fork and waitpid return: 4001, 4002, ...
/\t(fork|waitpid)\t/ && match($0, /= [1-9][0-9]*$/) {
    digits = substr($0, RSTART + 2)
    if (!(digits in child))
        child[digits] = 4001 + children++
    sub("\t" digits "\t", "\t" child[digits] "\t")
    sub(/= [1-9][0-9]*$/, "= " child[digits])
}

# The same as an argument of waitpid, and who is at the other end of a socket.
match($0, /waitpid\t[1-9][0-9]*,/) {
    digits = substr($0, RSTART + 8, RLENGTH - 9)
    sub("waitpid\t" digits ",", "waitpid\t" child[digits] ",")
    sub("waitpid\\(" digits ",", "waitpid(" child[digits] ",")
}
{ sub(/is process [1-9][0-9]*, of user [0-9]+/, "is process 4101, of user 1000") }

port != 8888 {
    $0 = usual($0)
    sub("0x" hex, "0x22B8")
    sub(" " bytes, " 22 B8")
}

# "TCP N: from > to, flags, seq N, ack N", or "UDP 8: from > to".
match($0, /(TCP|UDP) [0-9]+: [0-9]+ > [0-9]+/) {
    split(substr($0, RSTART, RLENGTH), words, " ")
    from = words[3] + 0
    to = words[5] + 0
    counted("seq", from)
    if (/ACK/)
        counted("ack", to)
    digits = from == 8888 ? to : from
    sub(digits, substr(chosen("port " digits), 6))
}

{
    sub(/It took [0-9.]+ [^ ]*s\./, "It took ## µs.")
    sub(/took [0-9]+ microseconds/, "took ## microseconds")
    if (sub(/closed  FIN-WAIT-2/, "closed  FIN-WAIT-1"))
        sub(/\tFIN-WAIT-2\t/, "\tFIN-WAIT-1\t")
    print chosen($0)
}
