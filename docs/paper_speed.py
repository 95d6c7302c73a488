"""paper_speed.py: makes weasyprint set the book in half the time. Each
function here replaces some of weasyprint's by ones that keep what they
have computed. The PDF stays the same, byte for byte. The replacements
rely on the insides of weasyprint, which differ in other releases.
"""

from paper_lines import faster_backgrounds, faster_lengths, faster_lines

RELEASE = "57."  # Debian 12's


def faster_reading():
    """The page is also XML. Python's own parser needs a twentieth of the
    time that html5lib takes."""
    import html5lib
    from xml.etree import ElementTree

    parse = html5lib.parse

    def parse_fast(source, *rest, **more):
        try:
            return ElementTree.parse(source).getroot()
        except ElementTree.ParseError:
            source.seek(0)
            return parse(source, *rest, **more)

    html5lib.parse = parse_fast


def faster_writing():
    """Tests first for the types that a PDF mostly consists of. And glyphs
    that the book does not use are empty: their size is known without
    drawing them."""
    import pydyf
    from fontTools.misc.psCharStrings import T2CharString

    to_bytes, bounds = pydyf._to_bytes, T2CharString.calcBounds

    def to_bytes_fast(item):
        kind = type(item)
        if kind is bytes:
            return item
        if kind is str:
            return item.encode("ascii")
        if kind is float:
            return b"%d" % item if item.is_integer() else b"%f" % item
        return to_bytes(item)

    def bounds_fast(self, glyphs):
        if self.program and self.program[1:] in ([], ["endchar"]):
            return None
        return bounds(self, glyphs)

    pydyf._to_bytes, T2CharString.calcBounds = to_bytes_fast, bounds_fast


def faster_tags():
    """Each page asks for the structure of elements, which is the same for
    all: it is built once, and what a page has noted in it is removed for
    the next. The references to all pages are kept too."""
    from pydyf import PDF
    from weasyprint.document import Document

    build = Document.build_element_structure
    references = PDF.page_references.fget

    class Noted(dict):
        """Notes on an element; records which have been changed."""
        all = []

        def __setitem__(self, key, value):
            self.all.append(self)
            super().__setitem__(key, value)

    def build_element_structure(self, structure, *rest):
        if rest:
            return build(self, structure, *rest)
        if not hasattr(self, "whole"):
            self.whole = {}
            build(self, self.whole)
            for element, known in self.whole.items():
                self.whole[element] = Noted(known)
        while Noted.all:
            Noted.all.pop().pop("element", None)
        structure.update(self.whole)

    def page_references(self):
        count = self.pages["Count"]
        if getattr(self, "known", (0,))[0] != count:
            self.known = count, references(self)
        return self.known[1]

    Document.build_element_structure = build_element_structure
    PDF.page_references = property(page_references)


def fewer_pages():
    """weasyprint lays a page out again when it learns page numbers that its
    text needs. Here that is never so: references to earlier pages know
    them, and no text has the number of its own page, or of all pages."""
    from weasyprint.css.targets import TargetCollector
    from weasyprint.layout import page

    remake = page.remake_page
    cache = TargetCollector.cache_target_page_counters

    def cache_target_page_counters(self, anchor, counters, *rest):
        """Tells only the items that refer to this anchor."""
        items = self.counter_lookup_items
        if not hasattr(self, "wanted"):
            self.wanted = {}
            for key, item in items.items():
                for name in item.missing_target_counters:
                    self.wanted.setdefault(name, {})[key] = item
        self.counter_lookup_items = self.wanted.get(anchor, {})
        cache(self, anchor, {**counters, "pages": [0]}, *rest)
        self.counter_lookup_items = items

    def remake_page(index, context, *rest):
        for item in context.target_collector.counter_lookup_items.values():
            if any(item.missing_counters is wanted
                   for wanted in item.missing_target_counters.values()):
                item.missing_counters = []
            if item.pending:
                item.parse_again(item.cached_page_counter_values)
                item.pending = False
        return remake(index, context, *rest)

    TargetCollector.cache_target_page_counters = cache_target_page_counters
    page.remake_page = remake_page


def fewer_styles():
    """Elements that match the same rules, in parents that match the same
    rules, are a family: they share one style, and so do the texts and
    lines in them. Elements with attributes keep their own style, and so
    do parts of tables, whose collapsed borders are written into it. A
    link or a language is inherited, so it is not shared either."""
    from weasyprint import css
    from weasyprint.formatting_structure.boxes import Box, LineBox, TextBox

    computed = css.computed_from_cascaded

    def computed_from_cascaded(element, cascaded, parent, pseudo=None, *rest,
                               **more):
        if (pseudo or not parent or not hasattr(element, "tag")
                or element.get("href") or element.get("lang")):
            return computed(element, cascaded, parent, pseudo, *rest, **more)
        relatives = family(parent).__dict__.setdefault("children", {})
        key = frozenset((name, id(value[0]))
                        for name, value in cascaded.items())
        shared = (element.tag not in CELLS
                  and element.keys() in ([], ["class"])
                  and cascaded.get("float", [""])[0] != "footnote")
        if shared and (key, shared) in relatives:
            return relatives[key, shared]
        style = computed(element, cascaded, parent, pseudo, *rest, **more)
        style.family = relatives.setdefault(key, style)
        if shared:
            relatives[key, shared] = style
        return style

    def family(style):
        return getattr(style, "family", style)

    anonymous = Box.anonymous_from.__func__

    def anonymous_from(cls, parent, *rest, **more):
        box = anonymous(cls, parent, *rest, **more)
        if cls in (TextBox, LineBox):
            box.style = family(parent.style).__dict__.setdefault(
                "text", box.style)
        return box

    css.computed_from_cascaded = computed_from_cascaded
    Box.anonymous_from = classmethod(anonymous_from)


def faster_styles():
    """Most properties of a style are set by no rule: then the value is the
    initial one, or the parent's."""
    from weasyprint.css import (
        INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES, ComputedStyle)

    special = {"float", "position", "display", "page", *INITIAL_NOT_COMPUTED}
    plain = {name for name in INITIAL_VALUES
             if name not in special and not name.startswith("text_decoration_")}
    initial = {name: INITIAL_VALUES[name] for name in plain - INHERITED}
    inherited = plain & INHERITED
    missing = ComputedStyle.__missing__

    def missing_fast(self, name):
        if name not in self.cascaded:
            if name in initial:
                value = self[name] = initial[name]
                return value
            if name in inherited and self.parent_style is not None:
                value = self[name] = self.parent_style[name]
                return value
        return missing(self, name)

    ComputedStyle.__missing__ = missing_fast


CELLS = ("table", "caption", "colgroup", "col", "thead", "tbody", "tr", "td",
         "th")


def change():
    """Makes all the changes. Call it once, before weasyprint runs."""
    for each in (faster_reading, faster_styles, fewer_styles, faster_lengths,
                 faster_lines, fewer_pages, faster_backgrounds, faster_tags,
                 faster_writing):
        each()
