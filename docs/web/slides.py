"""slides.py WOVEN FOLDER [LESSON]: slides for a lecture, in FOLDER, of what
scripts/dev/handout has woven (see pages.py): for each lesson, or one (06), its
title, calls, figures, questions with their answers, runs to step through,
and what it comes to in short. The questions are those of docs/questions that
are for a class.
"""
import os
import re
import subprocess
import sys

from pages import HERE, Site, assets, read, write

sys.path.insert(0, f"{HERE}/..")
from questions import read as read_questions


def all_of(pattern, text):
    return re.findall(pattern, text, re.S)


def slide(kind, *parts):
    return f'<section class="slide {kind}">\n' + "\n".join(parts) + "\n</section>"


def questions(number):
    """Of each question that a lecture asks in the lesson: what is before
    it, the question, its answer. As HTML, by one run of pandoc."""
    asked = [each for each in read_questions(f"{HERE}/../questions/{number}.md")
             if "class" in each.fields.get("for", "")]
    text = "\n\n".join(f"{each.statement()}\n\n{each.answer or '(no answer here)'}" for each in asked)
    html = subprocess.run(["pandoc", "--from", "markdown", "--to", "html", "--wrap=none"], input=text,
                          capture_output=True, text=True, check=True).stdout
    rows = re.findall("<p>(.*?)</p>", html, re.S)
    for each, ask, answer in zip(asked, rows[::2], rows[1::2]):
        step = each.steps[0][1].rstrip("(") if each.steps else ""
        yield f"<code>{step}</code>" if step else "Try it" if "run" in each.fields else "", ask, answer


def slides(chapter, number):
    body = re.sub(r"</?a\b[^>]*>", "", chapter.body)  # nothing to click on, by mistake
    body = re.sub(r'\bid="[^"]*"', "", body)
    yield slide("title", re.search(r"<h1.*?</h1>\s*<p>.*?</p>", body, re.S)[0])
    for call in all_of(r'<div class="signature">.*?</div>\s*</div>', body):
        yield slide("call", call)
    for figure in all_of(r'<figure class="fig.*?</figure>', body):
        yield slide("drawn", figure)
    for when, ask, answer in questions(number):
        yield slide("question", f'<p class="when">{when}</p>', f'<div class="asked">{ask}</div>',
                    f'<div class="answer">{answer}</div>')
    for run in all_of(r"<run-steps .*?</run-steps>", body):
        yield slide("run", run.replace("<run-steps ", "<run-steps slides ", 1))
    yield slide("short", re.search(r'<div class="inshort">.*?</div>', body, re.S)[0])


def make(woven, folder, lesson=None):
    book = Site(read(f"{woven}/page.html"))
    template, made = read(f"{HERE}/slides.html"), []
    os.makedirs(folder, exist_ok=True)
    for chapter in book.chapters:
        number = re.match(r'<span class="number">(\d\d)</span>', chapter.heading)
        if not number or "<run-steps" not in chapter.body or lesson not in (None, number[1]):
            continue
        if not os.path.exists(f"{HERE}/../questions/{number[1]}.md"):
            continue  # programs of one's own are no lesson
        body = "\n".join(slides(chapter, number[1]))
        words = {**book.words, "title": f"{number[1]} · {book.words['book']}", "body": body}
        write(f"{folder}/{number[1]}.html", re.sub(r"\$(\w+)\$", lambda m: words[m[1]], template))
        made.append(f"{number[1]} ({body.count('<section')} slides)")
    if not made:
        sys.exit(f"slides: no lesson has the number {lesson}; 06, for instance, expected")
    assets(woven, folder, "slides.js")
    print("slides:", ", ".join(made))


if __name__ == "__main__":
    make(*sys.argv[1:])
