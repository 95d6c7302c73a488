# The book on a screen: its web site, from a folder and from a server, and
# each run in it, stepped through.

load helper
load handout

AXE=$ROOT/build/npm/node_modules/axe-core/axe.min.js

setup_file() {
    type -P pandoc python3 >/dev/null || return 0
    cd "$BATS_FILE_TMPDIR" || return
    bookshop here
    export HERE=$BATS_FILE_TMPDIR/here SITE=$BATS_FILE_TMPDIR/here/build/site
    here/scripts/dev/handout site >here.out 2>&1 || {
        cat here.out >&2
        return 1
    }
}

prepare() { need pandoc python3 "$@"; }

browser() {
    timeout "$((20 * PATIENCE))" python3 "$ROOT/tests/support/browser.py" "$@"
}

ask() { python3 "$ROOT/tests/support/handout_page.py" site "$1"; }

# silent COMMAND...: it succeeds and has nothing to say.
silent() {
    local said
    said=$("$@" 2>&1) && [ -z "$said" ] && return
    echo "$said"
    return 1
}

@test "every link and anchor of the site resolves, and it needs no network" {
    prepare
    silent ask "$SITE"
    # It does find what is wrong.
    cp -r "$SITE" bad
    rm bad/fork.html
    sed -i 's/id="theory"/id="practice"/; s,</main>,<img src="https://example.org/x" alt="" />&,' bad/close.html
    run -0 ask bad
    [[ $output == *'close.html: img src=https://example.org/x'* ]]
    [[ $output == *'a link goes to #theory, which is not on that page'* ]]
    [[ $output == *'a link goes to fork.html'*', which is not there'* ]]
}

@test "every run has a player in the site, which holds the whole run without scripts" {
    local run
    prepare
    for run in $(cd "$HERE/docs/runs" && echo *); do
        [ -s "$SITE/steps/$run.js" ]
        cat "$SITE"/*.html | sed -n "/<run-steps data-run=\"$run\">/,/<\/run-steps>/p" >player
        grep -q 'class="transcript"' player
        # Its calls are in the data of the steps, and in the transcript.
        awk -F '\t' '$1 == "call" && $6 != "" { print $8 }' "$HERE/docs/runs/$run" | sort | uniq -c >calls
        grep -oE '<span class="call">[^(<]*\(|"call":"[a-z_0-9]+"' player "$SITE/steps/$run.js" |
            grep -c . >found
        [ "$(cat found)" -ge "$((2 * $(awk '{ sum += $1 } END { print sum + 0 }' calls)))" ]
    done
}

@test "names of pages and sections do not depend on which chapters there are" {
    prepare
    (cd "$HERE" && CHAPTERS=06 scripts/dev/handout site && CHAPTERS='04 06 97' scripts/dev/handout site) >&2
    anchors() { grep -oE '<section id="[^"]*"' "$1/sendrecv.html"; }
    anchors "$SITE" >all
    [ "$(grep -cE '"(theory|code|try-it)"' all)" -eq 3 ]
    anchors "$HERE/build/site-06" | diff all -
    anchors "$HERE/build/site-04-06-97" | diff all -
}

@test "an answer is folded under its question, if the answers are in the book" {
    prepare
    [ "$(grep -c '<details class="answer">' "$SITE/sendrecv.html")" -eq 4 ]
    [ "$(grep -lF 'class="tryit' "$SITE"/*.html | wc -l)" -eq "$(grep -lF 'class="answer"' "$SITE"/*.html | wc -l)" ]
    grep -A1 '<details class="answer">' "$SITE/sendrecv.html" | grep -q 'The server usually needs two'
    (cd "$HERE" && ANSWERS=no CHAPTERS='06 97' scripts/dev/handout site) >&2
    [ "$(grep -c '<details class="answer">' "$HERE/build/site-06-97-no-answers/sendrecv.html")" -eq 0 ]
}

# What a reader meets, on some pages: two sides, three, one, and several scenes.
@test "pages fit, runs play to their end and back by keys, search finds, in a browser" {
    prepare chromium
    run -0 browser site "$SITE" sendrecv.html fork.html socket.html connect.html index.html
    [[ $output =~ ^[1-9][0-9]+\ steps\ in\ [1-9][0-9]*\ runs$ ]]
    # It does see what is wrong.
    cp -r "$SITE" bad
    sed -i 's,</main>,<pre style="width: 1400px">x</pre>&,' bad/socket.html
    sed -i 's/ArrowRight: this.at + 1/ArrowRight: this.at + 2/' bad/run-steps.js
    sed -i 's/TIME-WAIT/TIME-OUT/gi' bad/search.js
    run -0 browser site bad socket.html
    [[ $output == *'socket.html 390 is '*' wide'* ]]
    [[ $output == *'01 1: the keys lead to 3, not to 2'* ]]
    [[ $output == *'search for TIME-WAIT finds'* ]]
}

# bats test_tags=second
@test "all pages fit, and all runs play to their end and back, in a browser" {
    prepare chromium
    run -0 browser site "$SITE"
    [[ $output =~ ^([0-9]+)\ steps\ in\ ([0-9]+)\ runs$ ]]
    [ "${BASH_REMATCH[1]}" -ge 600 ]
    [ "${BASH_REMATCH[2]}" -eq "$(cat "$SITE"/*.html | grep -o '<run-steps' | wc -l)" ]
}

# bats test_tags=second
@test "axe finds nothing in the site, on a phone and on a desk, in the dark too" {
    prepare chromium
    [ -e "$AXE" ] || lacking axe-core
    run -0 browser axe "$SITE" "$AXE"
    [ -z "$output" ]
    # It does find faults where there are some.
    mkdir bad
    cat >bad/bad.html <<'END'
<!DOCTYPE html><html><title>Bad</title><body><img src=x><p>Black on white</p>
<style>@media (prefers-color-scheme: dark) { p { color: #333; background: #222 } }
@media (max-width: 400px) { p { color: #ddd } }</style></html>
END
    run -1 browser axe bad "$AXE"
    [[ $output == *html-has-lang* && $output == *image-alt* ]]
    [[ $output == *'390 light color-contrast 1'* ]]
    [[ $output == *'1280 dark color-contrast 1'* ]]
    [[ $output != *'1280 light color-contrast'* ]]
}

@test "a screen reader gets a name for each stop, each heading once, and which line a step is at" {
    prepare chromium
    silent browser tree "$SITE" sendrecv.html fork.html socket.html connect.html
    # It does hear what is wrong.
    cp -r "$SITE" bad
    sed -i "/'aria-label', words/d; s/'aria-label': wide/'data-label': wide/" bad/site.js
    sed -i "s/role=\"img\" aria-label=\"The run/role=\"group\" aria-label=\"The run/; /'aria-current'/d" bad/run-steps.js
    run -0 browser tree bad sendrecv.html
    [[ $output == *'sendrecv.html group has no name'* ]]
    [[ $output == *'heading Aim Link to “Aim” is said twice'* ]]
    [[ $output == *'group The run so far, drawn; each step says what it adds says nothing'* ]]
    [[ $output == *'06 does not tell where it is'* ]]
}

@test "the buttons copy each program, plain and whole, over plain http too" {
    local copy page count=0
    prepare chromium
    mkdir copied
    for page in bind sendrecv python; do
        silent browser copies "$SITE/$page.html" copied
    done
    for copy in copied/*.c; do
        diff <("$ROOT/scripts/bare" "$(basename "$copy" .c)" | bare -) <(bare "$copy")
        ${CC:-cc} -Wall -Wextra -Werror -fsyntax-only "$copy"
        count=$((count + 1))
    done
    [ "$count" -eq 3 ]
    diff "$ROOT/lessons/python/05_connect.py" copied/05_connect.py
}

@test "slides have what a lecture of a lesson needs, and go through its run by one key" {
    local number
    prepare chromium
    (cd "$HERE" && scripts/dev/handout slides && LESSON=06 scripts/dev/handout slides) >&2
    for number in 01 06 10 15 20; do
        grep -c 'class="slide question"' "$HERE/build/slides/$number.html" >count
        [ "$(cat count)" -ge 2 ]
        grep -q 'class="slide run"' "$HERE/build/slides/$number.html"
        grep -q 'class="slide short"' "$HERE/build/slides/$number.html"
    done
    silent browser slides "$HERE/build/slides/06.html"
    (cd "$HERE" && LESSON=66 run -1 scripts/dev/handout slides)
}

@test "one command makes a page of one run that needs nothing beside it" {
    prepare chromium
    cp "$HERE/docs/runs/15" own
    "$HERE/scripts/play/run-page" own >own.html
    run ! grep -nE '<(script|link|iframe)[^>]* (src|href)="[^d]|^src="[^d]' own.html
    silent browser alone own.html
    run -2 "$HERE/scripts/play/run-page" missing
    [[ $output == 'run-page: a recorded run expected'*missing ]]
    mkdir bin
    for tool in sh basename dirname sed; do ln -s "$(command -v $tool)" bin; done
    PATH=$PWD/bin run -1 "$HERE/scripts/play/run-page" own
    [[ $output == 'run-page: pandoc is missing; '* ]]
}
