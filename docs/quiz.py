"""quiz.py gift|sheet|key [LESSONS]: prints the items of docs/exam.md, or
those of some lessons (01-07, or 03 05): as GIFT, which Moodle imports, or as
Markdown, a worksheet to print or its key.

GIFT: https://docs.moodle.org/en/GIFT_format. It has no place for points,
so they stand behind each question.
"""
import re
import sys

from questions import HERE, read


def stop(message):
    print(f"quiz: {message}", file=sys.stderr)
    sys.exit(2)


def wanted(words):
    """The lessons that are asked for; all, if none is."""
    lessons = set()
    for word in words:
        ends = re.fullmatch(r"(\d\d)(?:-(\d\d))?", word)
        if not ends:
            stop(f"LESSONS has {word}; numbers expected, as in 03 or 01-07")
        lessons |= {f"{n:02}" for n in range(int(ends[1]), int(ends[2] or ends[1]) + 1)}
    return lessons


def points(item):
    count = item.fields["points"]
    return f"({count} point{'' if count == '1' else 's'})"


def gift(items):
    def plain(text):
        return re.sub(r"([~=#{}:\\])", r"\\\1", text).replace("\n", "\\n")

    yield "// Import this as GIFT. How many points an item is worth stands behind it."
    lesson = None
    for number, item in enumerate(items, 1):
        if item.fields["lesson"] != lesson:
            lesson = item.fields["lesson"]
            yield f"\n$CATEGORY: Sockets/{lesson}"
        text = f"{item.ask} {points(item)}" + (f"\n\n{item.code}" if item.code else "")
        after = "####" + plain(item.answer)
        if item.form == "true or false":
            answers = "TRUE" if item.right() == "true" else "FALSE"
        elif item.form == "number":
            answers = "#" + re.match("[0-9]+", item.answer)[0]
        else:
            answers = "".join(f"\n{'=' if each == item.right() else '~'}{plain(each)}" for each in item.choices)
        yield f"\n::{lesson}.{number}:: [markdown]{plain(text)} {{{answers}\n{after}\n}}"


def head(title, items):
    yield f"---\ntitle: \"{title}\"\nlang: en-GB\n---"
    yield f"\n{len(items)} items, {sum(int(item.fields['points']) for item in items)} points\n"


def asked(number, item):
    """An item as the worksheet and the key print it."""
    yield f"\n**{number}.** [{item.statement()} *{points(item)}*]{{.item}}\n"
    if item.code:
        yield item.code
    if item.choices:
        yield "\\\n".join(f"☐ {each}" for each in item.choices)


def sheet(items):
    yield from head("Sockets: worksheet", items)
    yield "\nName:\n\n"
    for number, item in enumerate(items, 1):
        yield from asked(number, item)
        if item.form == "true or false":
            yield "☐ true\\\n☐ false"
        elif not item.choices:
            lines = 1 if item.form == "number" else 2 * int(item.fields["points"])
            yield f'<div style="height: {6 * lines}mm; border-bottom: 0.5pt dotted #111; margin-bottom: 4mm"></div>\n'


def key(items):
    yield from head("Sockets: key to the worksheet", items)
    for number, item in enumerate(items, 1):
        yield from asked(number, item)
        yield f"\n*Answer:* {item.answer}\n"


def main(what, *words):
    path, lessons = f"{HERE}/exam.md", wanted(words)
    try:
        items = read(path)
    except FileNotFoundError:
        stop("docs/exam.md is missing: only lecturers have it")
    items = [each for each in items if not lessons or each.fields["lesson"] in lessons]
    if not items:
        stop(f"docs/exam.md has no item for the lessons {' '.join(words)}")
    print("\n".join({"gift": gift, "sheet": sheet, "key": key}[what](items)))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main(*sys.argv[1:])
