#!/usr/bin/env python3
"""gift.py FILE: reads GIFT as Moodle's documentation describes it, and knows
nothing of how ours is made. Prints a line for each question: its category,
kind, right answer (or how many choices) and feedback. Exit status 1, with
the place, if a question cannot be read."""
import re
import sys

ESCAPED = {"n": "\n"}


def plain(text):
    return re.sub(r"\\(.)", lambda m: ESCAPED.get(m[1], m[1]), text, flags=re.S).strip()


def unescaped(character, text):
    """Where the character stands in the text without a backslash before it."""
    return [m.start() for m in re.finditer(r"\\.|" + re.escape(character), text, re.S) if m[0] == character]


def question(category, text):
    title = re.match(r"::(.*?)(?<!\\)::", text, re.S)
    rest = text[title.end():] if title else text
    opens, closes = unescaped("{", rest), unescaped("}", rest)
    if len(opens) != 1 or len(closes) != 1 or closes[0] < opens[0]:
        raise ValueError("not one pair of braces")
    stem, inside = rest[:opens[0]].strip(), rest[opens[0] + 1:closes[0]].strip()
    stem = re.sub(r"^\[(html|moodle|plain|markdown)\]", "", stem)
    if not plain(stem):
        raise ValueError("no text")
    inside, _, feedback = inside.partition("####")
    inside = inside.strip()
    if not inside:
        kind, right = "essay", "-"
    elif inside in ("T", "TRUE", "F", "FALSE"):
        kind, right = "true-false", inside[0]
    elif inside[0] == "#":
        kind, right = "number", str(float(inside[1:]))
    else:
        marks = sorted(unescaped("=", inside) + unescaped("~", inside))
        if not marks or marks[0] != 0:
            raise ValueError("an answer without = or ~")
        right = [plain(inside[a + 1:b]) for a, b in zip(marks, marks[1:] + [len(inside)]) if inside[a] == "="]
        if len(right) != 1 or len(marks) < 2:
            raise ValueError("not one right choice of several")
        kind, right = f"choice of {len(marks)}", right[0]
    return category, kind, right, plain(stem).replace("\n", "\\n"), plain(feedback)


def main(path):
    category, blocks = "", re.split(r"\n[ \t]*\n", open(path, encoding="utf-8").read())
    for block in blocks:
        lines = [line for line in block.strip().splitlines() if not line.startswith("//")]
        while lines and lines[0].startswith("$CATEGORY:"):
            category = lines.pop(0).partition(":")[2].strip()
        if lines:
            try:
                print("\t".join(question(category, "\n".join(lines))))
            except ValueError as error:
                print(f"{error}: {lines[0]}", file=sys.stderr)
                return 1
    return 0


sys.exit(main(sys.argv[1]))
