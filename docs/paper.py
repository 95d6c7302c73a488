"""paper.py: weasyprint, with one thing changed: a float stays whole. It
goes to the next page, and what it stands beside with it, where
weasyprint lays its rest over the top of that page.

And it takes less time. Nothing looks for garbage while it sets, which
was a quarter of it: nearly all that it makes it needs to the end. Of
the release that paper_speed.py knows more is changed; others set the
same book, and take longer.

It is run by the Python that the command weasyprint is run by.
"""
import gc
from math import inf

import weasyprint
from weasyprint.__main__ import main

import paper_speed


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


if __name__ == "__main__":
    try:
        whole_floats()
    except (ImportError, AttributeError):
        pass  # a release without them
    if weasyprint.__version__.startswith(paper_speed.RELEASE):
        paper_speed.change()
    gc.disable()
    main()
