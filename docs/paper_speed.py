"""paper_speed.py: the same book in two thirds of the time. What weasyprint
works out again and again is kept: each function here changes a few of
weasyprint's so that they do, and the PDF stays the same byte for byte.
They know what is inside these functions, and that is another in other
releases.
"""
import sys

RELEASE = "57."  # Debian 12's


def faster_tags():
    """Each page asks which element is in which: the same for all. What
    the page before has noted with an element is taken away. And each
    element asks where all pages are."""
    from pydyf import PDF
    from weasyprint.document import Document

    build = Document.build_element_structure
    references = PDF.page_references.fget

    class Noted(dict):
        """What is known of an element."""
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
    """A reference to an earlier page knows it when its own is laid out,
    which so need not be laid out again; nor when the number of its own
    page is known, or that of all pages, which the book never says."""
    from weasyprint.css.targets import TargetCollector
    from weasyprint.layout import page

    remake = page.remake_page
    cache = TargetCollector.cache_target_page_counters

    def cache_target_page_counters(self, anchor, counters, *rest):
        """Tells those that want this anchor, and asks no others."""
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
    """Elements that the same rules match, in parents that the same rules
    match, are a family. They share one style, and so do the texts and
    lines in them. What has attributes has a style of its own, and so
    have parts of tables: borders that collapse are written into it.
    A link or a language goes on to what is in its element."""
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


CELLS = ("table", "caption", "colgroup", "col", "thead", "tbody", "tr", "td",
         "th")


def faster_lengths():
    """Margins, paddings and sizes that are no percentages are the same
    for every box of a style, wherever it stands."""
    from weasyprint.layout import percent
    from weasyprint import layout

    resolve = percent.resolve_percentages

    def resolve_percentages(box, containing_block, *rest):
        style = box.style
        known = getattr(style, "lengths", None)
        if known is None:
            known = not rest and not any(
                getattr(style[name], "unit", "px") == "%" for name in LENGTHS)
            style.lengths = known
        if known is True:
            resolve(box, containing_block)
            style.lengths = {name: box.__dict__[name] for name in USED}
        elif known and not rest:
            box.__dict__.update(known)
        else:
            resolve(box, containing_block, *rest)

    replace(resolve, resolve_percentages)


SIDES = "left", "right", "top", "bottom"
LENGTHS = (*(f"margin_{side}" for side in SIDES),
           *(f"padding_{side}" for side in SIDES),
           "width", "min_width", "max_width",
           "height", "min_height", "max_height")
USED = *LENGTHS, *(f"border_{side}_width" for side in SIDES)


def faster_lines():
    """What Pango must know of a style it is told once, and a line is laid
    out once, however often it is asked for, and drawn as it lies."""
    from weasyprint.text import line_break
    from weasyprint.text.ffi import ffi, gobject, pango

    class Font:
        """What all layouts in one font share. It keeps the first."""

        def __init__(self, layout):
            self.first = layout.layout
            self.context = pango.pango_layout_get_context(self.first)
            self.features = pango.pango_layout_get_attributes(self.first)
            self.known = {name: value
                          for name, value in layout.__dict__.items()
                          if name not in ("context", "style", "layout", "text",
                                          "max_width",
                                          "justification_spacing")}
            self.known["stays"] = True

    Layout = line_break.Layout
    setup, deactivate = Layout.setup, Layout.deactivate
    reactivate, set_text = Layout.reactivate, Layout.set_text
    split = line_break.split_first_line
    fonts = {}
    lines = {}

    def setup_once(self, context, size, style):
        font = getattr(style, "fonts", {}).get(size)
        if font and not self.justification_spacing:
            self.__dict__.update(font.known, context=context, style=style)
            self.layout = ffi.gc(pango.pango_layout_new(font.context),
                                 gobject.g_object_unref)
            pango.pango_layout_set_font_description(self.layout, self.font)
            if font.features != ffi.NULL:
                pango.pango_layout_set_attributes(self.layout, font.features)
            return
        setup(self, context, size, style)
        # What is spaced notes so with what would be shared.
        if (context and hasattr(style, "__dict__")
                and not self.justification_spacing
                and style["letter_spacing"] == "normal"
                and not style["word_spacing"]
                and style["overflow_wrap"] == "normal"):
            key = size, *(str(style[name]) for name in LOOKS)
            style.__dict__.setdefault("fonts", {})[size] = (
                fonts.setdefault(key, Font(self)))

    def split_once(text, style, context, width, spacing, *rest, **more):
        font = getattr(style, "fonts", {}).get(style["font_size"])
        white = style["white_space"]
        if not font or spacing:
            return split(text, style, context, width, spacing, *rest, **more)
        if white in ("pre", "nowrap"):
            end = text.find("\n")
            key = font, text if end < 0 else text[:end + 2]
        else:
            key = font, text, width, *rest, *more.values()
        if key not in lines:
            lines[key] = split(text, style, context, width, spacing, *rest,
                               **more)
        return lines[key]

    def set_text_once(self, text, *rest, **more):
        """To draw, Pango is told that a text is one paragraph: told it
        before, what is laid out needs not be so again."""
        pango.pango_layout_set_single_paragraph_mode(
            self.layout, "\n" not in text)
        set_text(self, text, *rest, **more)

    def deactivate_once(self):
        if not hasattr(self, "stays"):
            deactivate(self)

    def reactivate_once(self, style):
        if not hasattr(self, "layout"):
            reactivate(self, style)

    Layout.setup, Layout.deactivate = setup_once, deactivate_once
    Layout.reactivate, Layout.set_text = reactivate_once, set_text_once
    replace(split, split_once)


LOOKS = (
    "text_decoration_line", "lang", "white_space", "word_break", "hyphens",
    "hyphenate_character", "hyphenate_limit_chars", "hyphenate_limit_zone",
    *("font_" + name for name in (
        "family", "style", "stretch", "weight", "variation_settings",
        "kerning", "variant_ligatures", "variant_position", "variant_caps",
        "variant_numeric", "variant_alternates", "variant_east_asian",
        "feature_settings", "language_override")))


def replace(old, new):
    """A function in each module that has taken it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("weasyprint"):
            for known, value in list(vars(module).items()):
                if value is old:
                    setattr(module, known, new)


def change():
    """Makes all the changes; called once, before anything is set."""
    for each in (faster_tags, fewer_pages, fewer_styles, faster_lengths,
                 faster_lines):
        each()
