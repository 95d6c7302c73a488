"""paper.py: runs weasyprint with three changes. A text in a drawing is set
as a whole, not letter by letter, so that it takes less time and can be
copied. A float is never split: it moves to the next page together with
what it stands beside. weasyprint would print its rest over the top of that
page. And what a screen reader needs is told in whole: figures with their
texts, which column a heading is of, links where they stand in a sentence,
and what is only decoration.

It also takes less time. It collects no garbage, which took a quarter of
the time: weasyprint needs nearly all of its objects to the end. And it
makes room on the stack, which saves a tenth.

Tried with the releases of Debian 12 (57.2) and 13 (62.3). Run it with the
Python that runs the command weasyprint.
"""
import gc
import sys
from ctypes import util
from math import inf

gc.disable()
if sys.platform == "linux":
    # weasyprint tries several names for each library. For each, Python asks
    # gcc and ld, though dlopen(3) finds the right one without them.
    util.find_library = lambda name: None

from weasyprint.__main__ import main  # noqa: E402


class Whole(str):
    """A text whose only item is itself: it is drawn in one piece."""

    def __iter__(self):
        yield str(self)


def whole_text():
    """Draws letters that have no position of their own as one text."""
    from weasyprint.svg import Node

    plain = Node.text.fget

    def text(self):
        words = plain(self)
        places = (self.get(name, "").strip()
                  for name in ("x", "y", "dx", "dy", "rotate"))
        if not words or self.get("letter-spacing") or any(
                " " in place or "," in place for place in places):
            return words
        return Whole(words)

    Node.text = property(text)


def whole_floats():
    """Lays out a float as if the page had no end, so it is not split."""
    from weasyprint.layout import block, inline

    for module in block, inline:
        layout = module.float_layout

        def float_layout(context, box, block, absolute, fixed, *rest,
                         layout=layout, **more):
            return layout(context, box, block, absolute, fixed, -inf,
                          *rest[1:], **more)

        module.float_layout = float_layout


def apart():
    """Marks what is drawn piece by piece, each for the innermost element.
    weasyprint nests the marks: a link in a paragraph would be read after
    it. What has no text, and what stands in the margin, is decoration."""
    import pydyf
    from weasyprint.formatting_structure.boxes import InlineLevelBox, MarginBox
    from weasyprint.pdf.stream import Stream

    Stream.begin_marked_content  # a release without it does better itself

    def mark(self):
        new = self.stream[self.marked_to:]
        tag, box = self.within[-1] if self.within else (None, None)
        text = b"BT" in new and tag != "Artifact" and not any(
            isinstance(box, MarginBox) for _, box in self.within)
        if text or tag == "Figure":
            block = next(box for _, box in reversed(self.within)
                         if not isinstance(box, InlineLevelBox))
            number = pydyf.Dictionary({"MCID": len(self.marked)})
            pydyf.Stream.begin_marked_content(self, tag, number)
            self.marked.append((tag, box))
            self.places.append((block.element, number))
        elif any(drawn not in (b"q", b"Q") for drawn in new):
            pydyf.Stream.begin_marked_content(self, "Artifact")
        else:
            new = []
        if new:  # the mark comes before what is marked
            start = self.stream[self.marked_to + len(new):]
            self.stream[self.marked_to:] = start + new
            pydyf.Stream.end_marked_content(self)
        self.marked_to = len(self.stream)

    def begin(self, box, mcid=False, tag=None):
        mark(self)
        element = (box.element_tag or "").split("::")[0]  # not li::before
        self.within.append((tag or self.get_marked_content_tag(element), box))

    def end(self):
        mark(self)
        self.within.pop()

    def init(self, *values, init=Stream.__init__, **more):
        init(self, *values, **more)
        self.within, self.marked_to, self.places = [], 0, []

    Stream.__init__ = init
    Stream.begin_marked_content, Stream.end_marked_content = begin, end


def figures():
    """Marks each image that has a text as a figure, others as decoration.
    One that stands again on the next page, as the head of a table, is told
    once."""
    from weasyprint import draw

    plain, told = draw.draw_replacedbox, {None}

    def draw_replacedbox(stream, box):
        new = box.element not in told and box.element.get("alt")
        told.add(box.element)
        stream.begin_marked_content(box, tag="Figure" if new else "Artifact")
        plain(stream, box)
        stream.end_marked_content()

    draw.draw_replacedbox = draw_replacedbox


def in_order(document, streams):
    """Numbers the marks of each page in the order of the document: floats
    are drawn first, and would be read before the heading above them."""
    order = {element: number for number, element in
             enumerate(document._html.etree_element.iter())}
    for stream in streams:
        sorted_ = sorted(
            zip(stream.marked, stream.places),
            key=lambda mark: order.get(mark[1][0], -1))
        stream.marked[:] = [mark for mark, _ in sorted_]
        for number, (_, (_, values)) in enumerate(sorted_):
            values["MCID"] = number


def told(variant):
    """The function that makes the structure of a PDF; then adds the texts
    of figures and links, and what each heading of a table is for."""
    import pydyf

    def make(file, metadata, document, streams, *rest):
        in_order(document, streams)
        variant(file, metadata, document, streams, *rest)
        pages = dict(zip(file.page_references, streams))
        for one in file.objects:
            kind = isinstance(one, pydyf.Dictionary) and one.get("S")
            if kind == "/TH":
                one["A"] = pydyf.Dictionary(
                    {"O": "/Table", "Scope": "/Column"})
            if kind not in ("/Figure", "/Link"):
                continue
            for kid in one["K"]:
                if not isinstance(kid, int):
                    continue
                tag, box = pages[one["Pg"]].marked[kid]
                if tag == "Figure":
                    one["Alt"] = pydyf.String(box.element.get("alt"))
                elif tag == "Link":
                    box.link_annotation["Contents"] = pydyf.String(
                        "".join(box.element.itertext()))

    return make


def tags():
    """Tells more than weasyprint does of what is on a page."""
    from weasyprint import pdf

    apart()
    figures()
    make, properties = pdf.VARIANTS["pdf/ua-1"]
    pdf.VARIANTS["pdf/ua-1"] = told(make), properties


def with_room(function):
    """The function, with room on the stack for all that it calls. Python
    (3.11 and later) allocates its stack in chunks of 16 KiB, and frees one
    when the call that needed it returns: in a loop, 80,000 times."""
    code = function.__code__.replace(co_stacksize=1 << 17)
    return type(function)(code, function.__globals__, function.__name__,
                          function.__defaults__)


if __name__ == "__main__":
    for each in whole_text, whole_floats, tags:
        try:
            each()
        except (ImportError, AttributeError):
            pass  # this release has no such function
    with_room(main)()
