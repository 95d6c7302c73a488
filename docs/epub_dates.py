"""epub_dates.py OLD NEW: copies an EPUB, giving every entry one date, and
says for whom it can be read (EPUB Accessibility 1.1, schema.org).

pandoc stamps each entry with the current time. The date here is
SOURCE_DATE_EPOCH, so that the same sources give the same bytes.
"""
import os
import re
import sys
import time
import zipfile

ACCESS = (
    ("accessMode", "textual"),
    ("accessMode", "visual"),
    ("accessModeSufficient", "textual"),
    ("accessibilityFeature", "alternativeText"),
    ("accessibilityFeature", "readingOrder"),
    ("accessibilityFeature", "structuralNavigation"),
    ("accessibilityFeature", "tableOfContents"),
    ("accessibilityHazard", "none"),
    ("accessibilitySummary",
     "Each figure has a text that says what it shows."),
)


def accessible(package):
    """The package document, with our words in place of pandoc's."""
    ours = "".join(f'    <meta property="schema:{name}">{value}</meta>\n'
                   for name, value in ACCESS)
    package = re.sub(r'\s*<meta property="schema:access[^<]*</meta>', "",
                     package.decode())
    return package.replace("</metadata>", ours + "  </metadata>").encode()


date = time.gmtime(max(int(os.environ["SOURCE_DATE_EPOCH"]), 315532800))[:6]
with zipfile.ZipFile(sys.argv[1]) as old, \
        zipfile.ZipFile(sys.argv[2], "w") as new:
    for name in old.namelist():
        entry = zipfile.ZipInfo(name, date)
        entry.compress_type = (zipfile.ZIP_STORED if name == "mimetype"
                               else zipfile.ZIP_DEFLATED)
        data = old.read(name)
        new.writestr(
            entry, accessible(data) if name.endswith(".opf") else data)
