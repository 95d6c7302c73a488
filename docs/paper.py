"""paper.py: weasyprint, with three of its functions changed. Those for
the texts of ladders and for tags are made cheaper: of the book's time
they save an eighth. And a float stays whole: it goes to the next page,
and what it stands beside with it, where weasyprint lays its rest over
the top of that page. Where a release has no such function, nothing is
changed. Nothing looks for garbage while it sets, which was a quarter of
the time: nearly all that it makes it needs to the end.

It is run by the Python that the command weasyprint is run by.
"""
import gc
from math import inf

from weasyprint.__main__ import main


class Whole(str):
    """A text that is drawn in one go, not letter after letter."""

    def __iter__(self):
        yield str(self)


def faster_text(node):
    """Letters that have no place of their own are drawn as one text."""
    plain = node.text.fget

    def text(self):
        words = plain(self)
        places = (self.get(name, "").strip()
                  for name in ("x", "y", "dx", "dy", "rotate"))
        if not words or self.get("letter-spacing") or any(
                " " in place or "," in place for place in places):
            return words
        return Whole(words)

    node.text = property(text)


def faster_tags(document):
    """Each page asks which element is in which: the same for all."""
    build = document.build_element_structure

    def build_element_structure(self, structure, *rest):
        if rest:
            return build(self, structure, *rest)
        if not hasattr(self, "parents"):
            whole = {}
            build(self, whole)
            self.parents = [(element, known["parent"])
                            for element, known in whole.items()]
        structure.update((element, {"parent": parent})
                         for element, parent in self.parents)

    document.build_element_structure = build_element_structure


def whole_floats(module):
    """A float is laid out as if the page had no end, then looked at."""
    layout = module.float_layout

    def float_layout(context, box, block, absolute, fixed, *rest, **more):
        return layout(context, box, block, absolute, fixed, -inf,
                      *rest[1:], **more)

    module.float_layout = float_layout


if __name__ == "__main__":
    try:
        from weasyprint.svg import Node
        faster_text(Node)
    except (ImportError, AttributeError):
        pass
    try:
        from weasyprint.document import Document
        faster_tags(Document)
    except (ImportError, AttributeError):
        pass
    try:
        from weasyprint.layout import block, inline
        whole_floats(block)
        whole_floats(inline)
    except (ImportError, AttributeError):
        pass
    gc.disable()
    main()
