"""pages.py WOVEN FOLDER: makes the book's web site, in FOLDER, of what
scripts/dev/handout has woven: WOVEN/page.html, and WOVEN/steps/ for the step
player. The page is also XML, and a chapter begins with <section … class=
"level1 …"> on a line of its own.

A page is named after its chapter's id (ch-sendrecv: sendrecv.html), and a
section after its heading: sendrecv.html#theory. Neither depends on which
other chapters there are.
"""
import html
import json
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PAPER = re.compile("<!--p .*? p-->", re.S)  # what only the paper shows
SCREEN = re.compile("<!--/?s-->")  # around what only the screen shows


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def text_of(markup, without="style|svg|pre"):
    markup = re.sub(rf"<({without})\b.*?</\1>|<!--.*?-->|<[^>]*>", " ", markup, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(markup)).strip()


class Chapter:
    def __init__(self, part):
        self.id = re.match(r'<section id="([^"]*)"', part)[1]
        self.name = re.sub("^ch-", "", self.id).replace("index", "words")
        self.heading = re.search(r"<h1[^>]*>(.*?)</h1>", part, re.S)[1]
        self.body, self.renamed = part, {}

    def rename(self, everywhere):
        """Sections lose the number that tells them from other chapters'."""
        mine = set(re.findall(r'\bid="([^"]*)"', self.body))
        for old in re.findall(r'<section id="([^"]*)"', self.body):
            new = re.sub(r"-\d+$", "", old)
            if new != old and new in everywhere and new not in mine:
                self.renamed[old] = new
                mine.add(new)
        self.body = re.sub(
            r'<section id="([^"]*)"', lambda m: f'<section id="{self.renamed.get(m[1], m[1])}"', self.body)

    def sections(self):
        """Of each section: its id, heading and text."""
        for name, text in re.findall(r'<section id="([^"]*)"[^>]*>(.*?)(?=<section|</section>)', self.body, re.S):
            head = re.search(r"<h[1-6][^>]*>(.*?)</h[1-6]>(.*)", text, re.S)
            if head:
                yield name, text_of(head[1]), text_of(head[2])


class Site:
    def __init__(self, page):
        page = SCREEN.sub("", PAPER.sub("", page))
        main, self.footer = re.search(r'<main id="main">\n(.*)</main>\n(.*)</body>', page, re.S).groups()
        cover = re.search(r'<header class="(?:cover|slip)">.*?</header>', page, re.S)[0]
        self.cover = re.sub(r'<div class="art".*?</div>\n', "", cover, flags=re.S)
        self.words = dict(re.findall(r'<meta name="(author|description)" content="([^"]*)"', page))
        self.words["lang"] = re.search(r'<html lang="([^"]*)"', page)[1]
        self.words["book"] = re.search(r'<p class="title">(.*?)</p>', cover)[1]
        parts = re.split(r'^(?=<section id="[^"]*" class="level1)', main, flags=re.M)
        self.chapters = [Chapter(part) for part in parts[1:]]
        everywhere = set(re.findall(r'\bid="([^"]*)"', main))
        self.place = {}  # id in the woven page: (chapter, id in its page)
        for chapter in self.chapters:
            ids = re.findall(r'\bid="([^"]*)"', chapter.body)
            chapter.rename(everywhere)
            for each in ids:
                self.place[each] = chapter, chapter.renamed.get(each, each)

    def links(self, markup, here):
        def link(match):
            chapter, name = self.place.get(match[1], (here, match[1]))
            name = "" if chapter and name == chapter.id else "#" + name
            if chapter is here:
                return f'href="{name or "#" + here.id}"'
            return f'href="{chapter.name}.html{name}"'
        return re.sub(r'href="#([^"]*)"', link, markup)

    def contents(self, here):
        rows = []
        for chapter in self.chapters:
            mark = ' aria-current="page"' if chapter is here else ""
            heading = re.sub("</?a[^>]*>", "", chapter.heading)
            rows.append(f'<li><a href="{chapter.name}.html"{mark}>{heading}</a>')
            if chapter is here:
                inside = re.findall(r'<section id="([^"]*)" class="level2[^"]*">\n<h2[^>]*>(.*?)</h2>',
                                    chapter.body, re.S)
                rows.append("<ul>" + "".join(f'<li><a href="#{name}">{re.sub("</?a[^>]*>", "", head)}</a></li>'
                                             for name, head in inside) + "</ul>" if inside else "")
            rows.append("</li>\n")
        return "".join(rows)

    def ways(self, at):
        ways = []
        for to, rel, before, after in (at - 1, "prev", "← ", ""), (at + 1, "next", "", " →"):
            if 0 <= to < len(self.chapters):
                chapter = self.chapters[to]
                ways.append(f'<a rel="{rel}" href="{chapter.name}.html">{before}{chapter.heading}{after}</a>')
        return "\n".join(ways)

    def page(self, folder, name, title, body, contents, ways):
        words = {**self.words, "title": title, "body": body, "contents": contents, "ways": ways,
                 "footer": self.footer}
        write(f"{folder}/{name}.html", re.sub(r"\$(\w+)\$", lambda m: words[m[1]], read(f"{HERE}/page.html")))

    def search(self):
        """What the search finds: a section a row; not the index, which is one itself."""
        rows = []
        for chapter in self.chapters:
            above = text_of(chapter.heading)
            for name, head, text in chapter.sections() if chapter.name != "words" else ():
                rows.append([f"{chapter.name}.html" + ("" if name == chapter.id else f"#{name}"),
                             above if head == above else f"{above} › {head}", text])
        return rows

    def make(self, folder):
        first = re.sub(r'<p class="title">(.*?)</p>', r'<h1 class="title">\1</h1>', self.cover) + f'<ul class="all">{self.contents(None)}</ul>'
        self.page(folder, "index", self.words["book"], first, self.contents(None), self.ways(-1))
        for at, chapter in enumerate(self.chapters):
            title = f'{html.escape(text_of(chapter.heading))} · {self.words["book"]}'
            self.page(folder, chapter.name, title, self.links(chapter.body, chapter), self.contents(chapter),
                      self.ways(at))
        write(f"{folder}/search.js", "bookIndex(" + json.dumps(
            self.search(), ensure_ascii=False, separators=(",", ":")) + ");\n")


def assets(woven, folder, *names):
    """What the pages of a site, or slides, bring along."""
    write(f"{folder}/book.css", read(f"{HERE}/../handout.css") + read(f"{HERE}/site.css"))
    for name in ("run-steps.js", *names):
        shutil.copyfile(f"{HERE}/{name}", f"{folder}/{name}")
    shutil.copytree(f"{woven}/steps", f"{folder}/steps", dirs_exist_ok=True)


if __name__ == "__main__":
    source, target = sys.argv[1:3]
    os.makedirs(target, exist_ok=True)
    Site(read(f"{source}/page.html")).make(target)
    assets(source, target, "site.js")
