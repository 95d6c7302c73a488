"""epub_dates.py OLD NEW: copies an EPUB, giving every entry one date.

pandoc stamps each entry with the current time. The date here is
SOURCE_DATE_EPOCH, so that the same sources give the same bytes.
"""
import os
import sys
import time
import zipfile

date = time.gmtime(max(int(os.environ["SOURCE_DATE_EPOCH"]), 315532800))[:6]
with zipfile.ZipFile(sys.argv[1]) as old, \
        zipfile.ZipFile(sys.argv[2], "w") as new:
    for name in old.namelist():
        entry = zipfile.ZipInfo(name, date)
        entry.compress_type = (zipfile.ZIP_STORED if name == "mimetype"
                               else zipfile.ZIP_DEFLATED)
        new.writestr(entry, old.read(name))
