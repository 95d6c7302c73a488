"""Answers what the tests of the handout ask about one of its pages.

    handout_page.py links PAGE     what is wrong with links, ids and headings
    handout_page.py figures PAGE   pictures without a text alternative
    handout_page.py drawings PAGE  how many pictures with such a text paper has
    handout_page.py terms PAGE     words used before the chapter that explains them
    handout_page.py site FOLDER    the same of all pages of a site, and what
                                   they would fetch from elsewhere
    handout_page.py text PAGE      its prose, without code and output
    handout_page.py code PAGE FOLDER   its listings, to FOLDER/weave and /whole

links, figures, terms and site print nothing where all is well.
"""

import json
import os
import re
import sys
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "col", "link", "hr", "input", "wbr",
        "rect", "line", "polygon", "path", "circle"}
INLINE = {"span", "a", "b", "i", "em", "strong", "code", "pre"}


class Node:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent = tag, dict(attributes), parent
        self.children = []

    def get(self, name):
        return self.attributes.get(name) or ""

    def classes(self):
        return self.get("class").split()

    def all(self):
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.all()

    def text(self, without=lambda node: False):
        out = []
        for child in self.children:
            if not isinstance(child, Node):
                out.append(child)
            elif without(child):
                out.append(" ")
            else:
                out.append(child.text(without))
                if child.tag not in INLINE:
                    out.append(" ")
        return "".join(out)


class Page(HTMLParser):
    def __init__(self, path, paper=False):
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("", {}, None)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        while paper:  # without what only the screen shows
            text, paper = re.subn("<!--s-->(?:(?!<!--/?s-->).)*<!--/s-->", "", text, flags=re.S)
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        node = Node(tag, attributes, self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag, attributes):
        self.at.children.append(Node(tag, attributes, self.at))

    def handle_endtag(self, tag):
        node = self.at
        while node.parent and node.tag != tag:
            node = node.parent
        if node.parent:
            self.at = node.parent

    def handle_data(self, data):
        self.at.children.append(data)


def prose_only(node):
    return (node.tag in ("code", "pre", "style", "script", "title", "nav")
            or "transcript" in node.classes() or "answer" in node.classes() or "dump" in node.classes()
            or "index" in node.classes() or node.tag == "svg")


def code(page, folder):
    for figure in page.root.all():
        for kind in {"weave", "whole"}.intersection(figure.classes()):
            name = figure.get("data-file").replace("/", "_")
            with open(os.path.join(folder, kind, name), "w",
                      encoding="utf-8") as file:
                for pre in figure.all():
                    if pre.tag == "pre":
                        file.write(pre.text())


def in_ladder(node):
    while node.parent and "ladder" not in node.classes():
        node = node.parent
    return "ladder" in node.classes()


def text(page):
    print(page.root.text(prose_only))
    for image in page.root.all():
        # A ladder only quotes what its programs said.
        if image.tag == "img" and not in_ladder(image):
            print(image.get("alt"))


def links(page):
    nodes = list(page.root.all())
    ids = [node.get("id") for node in nodes if node.get("id")]
    for twice in sorted({i for i in ids if ids.count(i) > 1}):
        print(f"two elements have the id {twice}")
    for node in nodes:
        target = node.get("href")
        if target.startswith("#") and target[1:] not in ids:
            print(f"a link goes to {target}, which is not there")
        elif node.tag == "a" and target and not re.match(
                "#|https?://", target):
            print(f"a link goes to {target}, outside the page")
        if node.tag == "a" and not (node.text().strip()):
            print(f"a link to {target} has no text")
    # In a section, something must come after its heading.
    for node in nodes:
        if re.fullmatch("h[1-6]", node.tag):
            title, section = node.text().strip(), node.parent
            if not title or (section.text().strip() == title and not any(
                    n.tag == "img" for n in section.all())):
                print(f"nothing stands under “{title}”")


def drawings(page):
    print(sum(bool(node.get("alt")) for node in page.root.all()))


def figures(page):
    for node in page.root.all():
        if node.tag == "img" and len(node.get("alt")) < 40:
            print(f"an image has the text alternative “{node.get('alt')}”")
        if node.tag == "svg" and node.parent.get("aria-hidden") != "true":
            print("a drawing has no text alternative")


def terms(page):
    chapters = [node for node in page.root.all()
                if node.tag == "section" and "level1" in node.classes()
                and "unnumbered" not in node.classes()]
    words = {}
    for number, chapter in enumerate(chapters):
        for node in chapter.all():
            if "term" in node.classes():
                words.setdefault(node.text(), number)
    if len(words) < 40:
        print(f"only {len(words)} words are explained")
    for number, chapter in enumerate(chapters):
        body = chapter.text(lambda node: prose_only(node)
                            or "errors" in node.classes())
        for word, explained in words.items():
            if explained <= number:
                continue
            found = re.search(
                r"(?<![\w-])" + re.escape(word) + r"s?(?![\w-])", body,
                0 if word[0].isupper() else re.IGNORECASE)
            if found:
                here = body[max(0, found.start() - 50):found.end() + 30]
                print(f"{word} stands in chapter {number}, is explained in "
                      f"{explained}: {' '.join(here.split())}")


def site(folder):
    found = {name: Page(os.path.join(folder, name)).root for name in sorted(os.listdir(folder))
             if name.endswith(".html")}
    ids = {name: {node.get("id") for node in root.all() if node.get("id")} for name, root in found.items()}
    with open(os.path.join(folder, "search.js"), encoding="utf-8") as file:
        searched = json.loads(file.read().removeprefix("bookIndex(").removesuffix(");\n"))
    links_of = {"search.js": [row[0] for row in searched]}
    for name, root in found.items():
        nodes = list(root.all())
        for node in nodes:
            for attribute in "src", "srcset", "data", "action":
                value = node.get(attribute)
                if value and not value.startswith("data:") and not os.path.exists(os.path.join(folder, value)):
                    print(f"{name}: {node.tag} {attribute}={value}")
        every = [node.get("id") for node in nodes if node.get("id")]
        for twice in sorted({i for i in every if every.count(i) > 1}):
            print(f"{name}: two elements have the id {twice}")
        links_of[name] = [node.get("href") for node in nodes if node.get("href")]
    for name, targets in links_of.items():
        for target in targets:
            page, _, anchor = target.partition("#")
            if re.match("https?://|data:", target) or target in ("book.css",):
                continue
            page = page or name
            if page not in found:
                print(f"{name}: a link goes to {target}, which is not there")
            elif anchor and anchor not in ids[page] and not re.fullmatch(r"[\w-]+\.\d+\.\d+", anchor):
                print(f"{name}: a link goes to {target}, which is not on that page")
    for name in "book.css", "site.js", "run-steps.js":
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            if re.search(r"@import|url\((?!['\"]?data:)|fetch\(|https?://(?!www\.w3\.org/2000/svg)", file.read()):
                print(f"{name} fetches something")
    if len(found) < 2 or len(searched) < 10:
        print("the site has", len(found), "pages,", len(searched), "sections to search")


question, path, *rest = sys.argv[1:]
{"code": code, "text": text, "links": links, "figures": figures,
 "drawings": drawings, "terms": terms,
 "site": site}[question](path if question == "site" else Page(path, question == "drawings"), *rest)
