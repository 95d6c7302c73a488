# Brings what a lesson said of its calls, or what strace saw of them, to
# one form, a call a line, so that diff can compare the two:
#
#   recvfrom(3, BYTES, 32, MSG_TRUNC, PEER, LENGTH) = 23 <- 127.0.0.1:8888 "Hello\n"
#
# After <- stands what the call wrote: the peer's address, the bytes.
#
# The lesson's steps end with their result. A line on what a call waits
# for must be followed by the step itself; anything else is printed as
# it stands, and so differs. Of strace's lines the looking calls are
# left out, and every close but that of a socket; send and recv appear
# there as sendto and recvfrom to nobody and from nobody. A socket made
# with SOCK_CLOEXEC is not the lesson's but the resolver's.

# ---- the lesson

/^ ?[0-9]+  [a-z]+\(/ {
    tell()
    step = $0
    sub(/^ *[0-9]+  /, "", step)
    joining = "step"
    next
}
step != "" && /^        [^ ]/ && joining == "step" {
    sub(/^ */, "")
    step = step " " $0
    next
}
step != "" && /^    kernel: / { joining = ""; next }
step != "" && /^    received: / {
    joining = "received"
    sub(/^    received: /, "")
    sub(/"$/, "", received) # bytes that fill several lines
    sub(/^"/, "", $0)
    received = received (received == "" ? "\"" : "") $0
    next
}
step != "" && /^    [^ ]/ && joining != "" {
    sub(/^ */, " ")
    if (joining == "received") {
        received = received $0
    } else {
        meaning = meaning $0
        joining = "meaning"
    }
    next
}

# ---- strace

# The call in which the lesson was ended has no result.
/ = \? ERESTART/ { next }
/^[a-z0-9_]+\(.*\) +=/ { trace($0); next }

END { tell() }

# ----

function tell(    call, result, bytes) {
    if (step == "")
        return
    if (match(step, / … waits for /)) {
        waiting = substr(step, 1, RSTART - 1)
    } else {
        call = result = step
        sub(/ = [^=]*$/, "", call)
        sub(/^.* = /, "", result)
        if (waiting != "" && waiting != call)
            print "waited in " waiting ", then told of " call
        waiting = ""
        bytes = literal(meaning) == "" ? cut(received) : literal(meaning)
        if (call !~ /^recv/ || result + 0 <= 0)
            bytes = ""
        sub(/, (line|rest|buffer|piece|echo)( \+ [0-9]+)?, /, ", BYTES, ", call)
        sub(/, &(peer|from), &length\)/, ", PEER, LENGTH)", call)
        print call " = " result wrote(result, \
            call ~ /, PEER, LENGTH\)/ ? address(meaning) : "", bytes)
    }
    step = meaning = received = joining = ""
}

function trace(line,    name, fd, result, peer, part, bytes) {
    name = line
    sub(/\(.*/, "", name)
    if (name ~ /^(getsockname|getpeername|getsockopt)$/)
        return
    fd = line
    sub(/^[a-z0-9_]+\(/, "", fd)
    sub(/[,)].*/, "", fd)
    result = line
    sub(/^.*\) += /, "", result)
    sub(/ \(.*/, "", result)
    sub(/\) += .*$/, ")", line)

    if (name == "socket") {
        if (line ~ /SOCK_CLOEXEC/)
            return
        sub(/IPPROTO_IP\)/, "0)", line)
    }
    if (name ~ /^(socket|accept4?)$/ && result >= 0)
        is_socket[result] = 1
    else if (!(fd in is_socket))
        return
    if (name == "close")
        delete is_socket[fd]

    gsub(/\{sa_family=AF_INET, sin_port=htons\(/, "<", line)
    gsub(/\), sin_addr=inet_addr\("/, " ", line)
    gsub(/"\)\}/, ">", line)
    while (match(line, /<[0-9]+ [0-9.]+>/)) {
        peer = substr(line, RSTART + 1, RLENGTH - 2)
        split(peer, part, " ")
        peer = part[2] ":" part[1]
        line = substr(line, 1, RSTART - 1) peer substr(line, RSTART + RLENGTH)
    }
    if (name == "setsockopt") {
        sub(/TIMEO_OLD, "\\1(\\0)+"/, "TIMEO, {1, 0}", line)
        sub(/TIMEO_OLD, "\\2(\\0)+"/, "TIMEO, {2, 0}", line)
        sub(/TIMEO_OLD, ",\\1(\\0)+"/, "TIMEO, {300, 0}", line)
        gsub(/[][]/, "", line)
    } else if (name ~ /^accept/) {
        sub(/, [^,]*, \[[^]]*\]\)$/, ", PEER, LENGTH)", line)
    } else if (name == "recvfrom") {
        if (result > 0)
            bytes = cut(literal(line))
        if (sub(/, NULL, NULL\)$/, ")", line))
            sub(/^recvfrom/, "recv", line)
        else
            sub(/, [^,]*, \[[^]]*\]\)$/, ", PEER, LENGTH)", line)
        sub(/, ("([^"\\]|\\.)*"|0x[0-9a-f]+), /, ", BYTES, ", line)
    } else if (name == "sendto") {
        match(line, /"([^"\\]|\\.)*"/)
        line = substr(line, 1, RSTART - 1) \
            cut(substr(line, RSTART, RLENGTH)) substr(line, RSTART + RLENGTH)
        if (sub(/, NULL, 0\)$/, ")", line))
            sub(/^sendto/, "send", line)
    }
    print line " = " result wrote(result, \
        line ~ /, PEER, LENGTH\)/ ? peer : "", bytes)
}

function wrote(result, peer, bytes) {
    if (result ~ /^-1/ || peer bytes == "")
        return ""
    return " <-" (peer == "" ? "" : " " peer) (bytes == "" ? "" : " " bytes)
}

# The first address with a port in a text; the first string in quotes.
function address(text) {
    if (!match(text, /[0-9]+(\.[0-9]+)+:[0-9]+/))
        return ""
    return substr(text, RSTART, RLENGTH)
}
function literal(text,    string) {
    if (!match(text, /"([^"\\]|\\.)*"/))
        return ""
    string = substr(text, RSTART, RLENGTH)
    return string (substr(text, RSTART + RLENGTH, 3) == "..." ? "..." : "")
}

# A string as lessons quote it: of more than 32 bytes the first 24.
function cut(string,    i, n, end) {
    for (i = 2; i < length(string); n++) {
        i += substr(string, i, 1) == "\\" ? 2 : 1
        if (n == 23)
            end = i
    }
    return n > 32 ? substr(string, 1, end - 1) "\"..." : string
}
