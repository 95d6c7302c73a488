"""paper.py: weasyprint, with two things changed. A text in a drawing is
set whole, not letter by letter, so that it takes less time and can be
copied. And a float stays whole: it goes to the next page, and what it
stands beside with it, where weasyprint lays its rest over the top of
that page.

And it takes less time. Nothing looks for garbage while it sets, which
was a quarter of it: nearly all that it makes it needs to the end. And
there is room for what is being called, which was a tenth. Of the release
that paper_speed.py knows more is changed; others set the same book, and
take longer.

It is run by the Python that the command weasyprint is run by.
"""
import gc
import sys
from ctypes import util
from math import inf

gc.disable()
if sys.platform == "linux":
    # weasyprint has several names for each library. Python asks gcc and ld
    # for all of them, but finds the right one by itself.
    util.find_library = lambda name: None

import weasyprint  # noqa: E402
from weasyprint.__main__ import main  # noqa: E402

import paper_speed  # noqa: E402


class Whole(str):
    """A text that is drawn in one go, not letter after letter."""

    def __iter__(self):
        yield str(self)


def whole_text():
    """Letters that have no place of their own are drawn as one text."""
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
    """A float is laid out as if the page had no end, then looked at."""
    from weasyprint.layout import block, inline

    for module in block, inline:
        layout = module.float_layout

        def float_layout(context, box, block, absolute, fixed, *rest,
                         layout=layout, **more):
            return layout(context, box, block, absolute, fixed, -inf,
                          *rest[1:], **more)

        module.float_layout = float_layout


def with_room(function):
    """The function, with room on the stack for all that it calls. Python
    (3.11 and later) takes 16 KiB at a time from the system, and gives it
    back when the call at its edge returns: in a loop, 80,000 times."""
    code = function.__code__.replace(co_stacksize=1 << 17)
    return type(function)(code, function.__globals__, function.__name__,
                          function.__defaults__)


if __name__ == "__main__":
    for each in whole_text, whole_floats:
        try:
            each()
        except (ImportError, AttributeError):
            pass  # a release without it
    if weasyprint.__version__.startswith(paper_speed.RELEASE):
        paper_speed.change()
    with_room(main)()
