"""paper_lines.py: makes weasyprint lay out boxes and lines faster. Called
by paper_speed.py, which says how and for which release.
"""
import sys


def faster_lengths():
    """Margins, paddings and sizes that are not percentages are the same
    for every box of a style: they are computed once per style."""
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
    """Tells Pango about a style only once; lays out a line only once,
    however often it is asked for, and draws that layout."""
    from weasyprint.text import line_break
    from weasyprint.text.ffi import ffi, gobject, pango

    class Font:
        """What all layouts in one font share. Keeps the first alive."""

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
        # Spaced text changes the attributes, so it cannot share them.
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
        """Before drawing, weasyprint tells Pango that the text is one
        paragraph. Told so from the start, Pango need not lay it out again."""
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




def faster_backgrounds():
    """If a style has no background and no round corners, nothing is
    computed for the backgrounds of its boxes."""
    from weasyprint.draw import get_color
    from weasyprint.formatting_structure.boxes import Box
    from weasyprint.layout import background

    corners = [f"border_{corner}_radius" for corner in (
        "top_left", "top_right", "bottom_right", "bottom_left")]
    Box.background = None
    for corner in corners:
        setattr(Box, corner, (0, 0))
    layout = background.layout_box_backgrounds

    def is_plain(style):
        return (get_color(style, "background_color").alpha == 0
                and not any(image for _, image in style["background_image"])
                and all((0, "px") in style[corner] for corner in corners))

    def layout_fast(page, box, *rest, **more):
        style = box.style
        plain = getattr(style, "plain", None)
        if plain is None:
            plain = style.plain = is_plain(style)
        if not plain or box is page:
            layout(page, box, *rest, **more)
            return
        for child in box.all_children():
            layout_fast(page, child, *rest, **more)

    background.layout_box_backgrounds = layout_fast


def replace(old, new):
    """Replaces a function in each weasyprint module that imported it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("weasyprint"):
            for known, value in list(vars(module).items()):
                if value is old:
                    setattr(module, known, new)
