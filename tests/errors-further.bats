# Each row of lessons/narrator/errors.h, provoked in lesson 14 and those
# after it: the rest of errors.bats.
load helper
load errors

# bats test_tags=second
@test "every row in every lesson from 14 on that makes the call: it ends with status 1 and says what that means, or carries on" {
    need strace
    in_other_lessons | grep -vE "$FIRST_PART" >all.tsv
    [ "$(wc -l <all.tsv)" -gt 800 ]
    provoke_all <all.tsv
    [ "$provoked" -eq "$(wc -l <all.tsv)" ]
}
