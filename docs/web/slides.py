"""slides.py WOVEN FOLDER [LESSON]: slides for a lecture, in FOLDER, of what
scripts/dev/handout has woven (see pages.py): for each lesson, or one (06), its
title, calls, figures, questions with their answers, runs to step through,
and what it comes to in short. The questions are those of the table in
docs/lecture-notes.md; a lesson that has none there has those of Try it.
"""
import os
import re
import subprocess
import sys

from pages import HERE, Site, assets, read, write


def all_of(pattern, text):
    return re.findall(pattern, text, re.S)


def slide(kind, *parts):
    return f'<section class="slide {kind}">\n' + "\n".join(parts) + "\n</section>"


def questions(notes, number, body):
    """Of each question: what is before it, the question, its answer."""
    section = re.search(rf'<section id="[^"]*" class="level2">\s*<h2[^>]*>(?:\d\d and )?{number}\b.*?</section>',
                        notes, re.S)
    when, rows = "", all_of(r"<tr[^>]*>(.*?)</tr>", section[0]) if section else ()
    for cells in (all_of(r"<td[^>]*>(.*?)</td>", row) for row in rows):
        if cells:
            *before, ask, answer = cells
            when = before[0] if before and before[0] else when
            yield when, ask, answer
    if not any("<td" in row for row in rows):
        pattern = r'<li>(?:<p>)?(.*?)(?:</p>)?\s*<details class="answer"><summary>Answer</summary>(.*?)</details>'
        for ask, answer in all_of(pattern, body):
            yield "Try it", ask, answer


def slides(chapter, number, notes):
    body = re.sub(r"</?a\b[^>]*>", "", chapter.body)  # nothing to click on, by mistake
    body = re.sub(r'\bid="[^"]*"', "", body)
    yield slide("title", re.search(r"<h1.*?</h1>\s*<p>.*?</p>", body, re.S)[0])
    for call in all_of(r'<div class="signature">.*?</div>\s*</div>', body):
        yield slide("call", call)
    for figure in all_of(r'<figure class="fig.*?</figure>', body):
        yield slide("drawn", figure)
    for when, ask, answer in questions(notes, number, body):
        yield slide("question", f'<p class="when">{when}</p>', f'<div class="asked">{ask}</div>',
                    f'<div class="answer">{answer}</div>')
    for run in all_of(r"<run-steps .*?</run-steps>", body):
        yield slide("run", run.replace("<run-steps ", "<run-steps slides ", 1))
    yield slide("short", re.search(r'<div class="inshort">.*?</div>', body, re.S)[0])


def make(woven, folder, lesson=None):
    book = Site(read(f"{woven}/page.html"))
    notes = subprocess.run(["pandoc", f"{HERE}/../lecture-notes.md", "--to", "html", "--section-divs", "--wrap=none"],
                           capture_output=True, text=True, check=True).stdout
    template, made = read(f"{HERE}/slides.html"), []
    os.makedirs(folder, exist_ok=True)
    for chapter in book.chapters:
        number = re.match(r'<span class="number">(\d\d)</span>', chapter.heading)
        if not number or "<run-steps" not in chapter.body or lesson not in (None, number[1]):
            continue
        body = "\n".join(slides(chapter, number[1], notes))
        words = {**book.words, "title": f"{number[1]} · {book.words['book']}", "body": body}
        write(f"{folder}/{number[1]}.html", re.sub(r"\$(\w+)\$", lambda m: words[m[1]], template))
        made.append(f"{number[1]} ({body.count('<section')} slides)")
    if not made:
        sys.exit(f"slides: no lesson has the number {lesson}; 06, for instance, expected")
    assets(woven, folder, "slides.js")
    print("slides:", ", ".join(made))


if __name__ == "__main__":
    make(*sys.argv[1:])
