"""paper.py: runs weasyprint with two changes. A text in a drawing is set
as a whole, not letter by letter, so that it takes less time and can be
copied. And a float is never split: it moves to the next page together
with what it stands beside. weasyprint would print its rest over the top
of that page.

It also takes less time. It collects no garbage, which took a quarter of
the time: weasyprint needs nearly all of its objects to the end. And it
makes room on the stack, which saves a tenth. In the release that
paper_speed.py knows it changes more; other releases set the same book,
but take longer.

Run it with the Python that runs the command weasyprint.
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

import weasyprint  # noqa: E402
from weasyprint.__main__ import main  # noqa: E402

import paper_speed  # noqa: E402


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


def with_room(function):
    """The function, with room on the stack for all that it calls. Python
    (3.11 and later) allocates its stack in chunks of 16 KiB, and frees one
    when the call that needed it returns: in a loop, 80,000 times."""
    code = function.__code__.replace(co_stacksize=1 << 17)
    return type(function)(code, function.__globals__, function.__name__,
                          function.__defaults__)


if __name__ == "__main__":
    for each in whole_text, whole_floats:
        try:
            each()
        except (ImportError, AttributeError):
            pass  # this release has no such function
    if weasyprint.__version__.startswith(paper_speed.RELEASE):
        paper_speed.change()
    with_room(main)()
