#!/usr/bin/env python3
"""questions.py whole DOCS: prints what is wrong with DOCS/questions, by the
chapters beside it. questions.py shown DOCS: whether the recorded runs show
what the third field of a step says. questions.py exam DOCS: what is wrong
with DOCS/exam.md. Exit status 1 if something is wrong."""
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, f"{HERE}/../../docs")
import questions  # noqa: E402

FIELDS = {"for", "run", "explain"}
PLACES = {"class", "report"}


def of(docs):
    return list(questions.chapters(f"{docs}/questions"))


def whole(docs):
    asked = {}
    for chapter, found in of(docs):
        tried = False
        for q in found:
            name = f"{chapter}: {q.ask}"
            if not q.answer:
                yield f"{name}: no answer"
            elif q.form != "open" and not q.right():
                yield f"{name}: the answer does not begin with one of {q.form}"
            if set(q.fields) - FIELDS:
                yield f"{name}: no such field: {set(q.fields) - FIELDS}"
            if set(re.findall("\\w+", q.fields.get("for", ""))) - PLACES:
                yield f"{name}: no such place: {q.fields['for']}"
            if ("run" in q.fields) != ("explain" in q.fields):
                yield f"{name}: run and explain go together"
            if not (q.steps or q.fields):
                yield f"{name}: nobody asks it"
            if q.ask in asked:
                yield f"{name}: it stands twice, in {asked[q.ask]} too"
            asked[q.ask] = chapter
            tried = tried or "run" in q.fields
        (path,) = glob.glob(f"{docs}/chapters/{chapter}-*.md")
        with open(path, encoding="utf-8") as file:
            if ("::: {.tryit}" in file.read()) != tried:
                yield f"{path}: a place for questions to try, and none, or the other way"


def scenes(docs):
    """Of each scene of the runs its name and its events, as fields."""
    for path in sorted(glob.glob(f"{docs}/runs/*")):
        with open(path, encoding="utf-8") as file:
            events = [line.rstrip("\n").replace("\xa0", " ").split("\t") for line in file if line[0] != "#"]
        at = [i for i, event in enumerate(events) if event[0] == "scene"] + [len(events)]
        for first, last in zip(at, at[1:]):
            yield events[first][17].partition(":")[0], events[first:last]


def steps(events):
    """Of each step how one may call it, and what the run shows from there:
    up to its program's next call, and what returns to others just then."""
    for i, event in enumerate(events):
        if event[0] not in ("before", "end"):
            continue
        role, number, call = event[1], event[5], f"{event[7]}({event[8]}"
        if event[0] == "end" or event[7] == "getchar":
            call = "end" if event[0] == "end" else "hold"
        begin, end = i, i + 1
        while end < len(events) and not (events[end][0] in ("before", "end") and events[end][1] == role):
            end += 1
        end += 1
        while end < len(events) and events[end][0] not in ("before", "end") and events[end][1] != role:
            end += 1
        if call == "end":
            while begin > 0 and events[begin - 1][0] == "segment":
                begin -= 1
        names = call, f"{role} {call}", f"{role} {number} {call}"
        yield names, "\n".join(" ".join(each) for each in events[begin:end])


def shown(docs):
    runs, count = list(scenes(docs)), 0
    for chapter, found in of(docs):
        for q in found:
            for among, start, shows in q.steps:
                if not shows:
                    continue
                count += 1
                names = [chapter] if among == "any" else among.split(", ")
                texts = [text for scene, events in runs if scene in names or among == "any" and scene.startswith(f"{chapter} ")
                         for calls, text in steps(events) if any(c.startswith(start) for c in calls)]
                if not any(shows in text for text in texts):
                    yield f'{chapter}: {q.ask}: the run does not show "{shows}" after {start}'
    print(count, "steps")


def exam(docs):
    items = questions.read(f"{docs}/exam.md")
    lessons, points = set(), 0
    for item in items:
        if not re.fullmatch("[1-9]", item.fields.get("points", "")):
            yield f"{item.ask}: points: {item.fields.get('points')}"
        else:
            points += int(item.fields["points"])
        if item.form == "number" and not re.match(r"\d+\b", item.answer):
            yield f"{item.ask}: the answer does not begin with a number"
        elif item.form not in ("open", "number") and not item.right():
            yield f"{item.ask}: the answer does not begin with one of {item.form}"
        if not item.answer or set(item.fields) != {"lesson", "points"} or item.steps:
            yield f"{item.ask}: lesson, points and an answer expected"
        lessons.add(item.fields.get("lesson"))
    for chapter, _ in of(docs):
        if chapter < "70" and chapter not in lessons:
            yield f"no item for lesson {chapter}"
    print(len(items), "items,", points, "points")


wrong = list({"exam": exam, "whole": whole, "shown": shown}[sys.argv[1]](sys.argv[2]))
print(*wrong, sep="\n", end="\n" if wrong else "")
sys.exit(bool(wrong))
