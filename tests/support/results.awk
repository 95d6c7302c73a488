# Reads what bats wrote for one test file and prints what matters of it:
# a line of counts, and each failure in full. The variables name, status
# and seconds describe the file's run. For the end of the whole run it adds
# counts, failed tests and reasons for skips to files in the folder RESULTS.

BEGIN { folder = ENVIRON["RESULTS"]; strict = ENVIRON["SETUP"] == "all"; planned = -1 }

/^1\.\.[0-9]+$/ { planned = substr($0, 4) + 0; next }

/^not ok / {
    sub(/^not ok [0-9]+ /, "")
    fail($0)
    telling = 1
    next
}

/^ok .* # skip/ {
    sub(/^ok [0-9]+ /, "")
    telling = 0
    split($0, part, " # skip ?")
    if (strict && index("\n" ENVIRON["CANNOT"] "\n", "\n" part[2] "\n") == 0)
        fail(part[1] ": skipped, with SETUP=all: " part[2])
    else {
        skipped++
        count[part[2]]++
        which[part[2]] = part[1]
    }
    next
}

/^ok / { passed++; telling = 0; next }

# What a failed test printed, and lines that are no part of a report.
telling || !/^#/ { text = text "    " $0 "\n" }

END {
    # All of a file's tests may be of the other tier: then 1..0 is right.
    if (passed + failed + skipped < planned || planned < 0 ||
        planned == 0 && ENVIRON["FIRST"] == "")
        fail("only " passed + failed + skipped " of " planned \
             " tests ended, in " seconds " s")
    else if (status != 0 && failed == 0)
        fail("all passed, but bats ended with status " status)
    printf "%s: %d passed%s%s, %d s\n", name, passed, \
        failed ? ", " failed " FAILED" : "", \
        skipped ? ", " skipped " skipped" : "", seconds
    if (failed)
        printf "%s", text
    for (why in count)
        print "    " name ": " (count[why] == 1 ? which[why] : \
            count[why] " tests") ": " why >>(folder "/skipped")
    print passed + 0, failed + 0, skipped + 0 >>(folder "/counts")
}

function fail(what) {
    failed++
    text = text "  FAILED: " what "\n"
    print "    " name ": " what >>(folder "/failed")
}
