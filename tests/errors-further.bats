# Each row of lessons/narrator/errors.h, provoked in lesson 14 and
# whatever follows it: the rest of errors.bats.
load helper
load errors

@test "every row in every lesson from 14 on that makes the call: it ends with status 1 and says what that means, or carries on" {
    need strace
    # UDP's connect waits for no handshake, so none is in progress.
    # And strace counts a thread's calls apart from the loader's: that
    # 16 outlives a close that fails is in servers.bats.
    jobs_of | grep -vE "$FIRST_PART" |
        grep -vE '^(18_udp_retry_sender	connect	EINPROGRESS|16_thread_server	close)' >all.tsv
    [ "$(wc -l <all.tsv)" -gt 800 ]
    provoke_all <all.tsv
    [ "$provoked" -eq "$(wc -l <all.tsv)" ]
}
