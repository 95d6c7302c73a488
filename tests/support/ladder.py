"""What the ladders of a page hold: ladder.py PAGE FOLDER writes for each

RUN.texts     what is drawn, a line for each piece of text
RUN.words     the text alternatives, a line for each image
RUN.svg       the drawings
"""

import html
import re
import sys
import urllib.parse

page, folder = sys.argv[1:]
with open(page, encoding='utf-8') as file:
    figures = re.findall(
        r'<figure class="ladder" id="ladder-(.*?)"(.*?)</figure>', file.read(), re.S)
for run, figure in figures:
    told = {"texts": [], "words": [], "svg": []}
    for image in re.findall(r'<img [^>]*>', figure):
        svg = urllib.parse.unquote(re.search(r'src="data:image/svg\+xml,([^"]*)"', image)[1])
        told["svg"].append(svg)
        told["words"].append(html.unescape(re.search(r'alt="([^"]*)"', image)[1]))
        told["texts"] += map(html.unescape, re.findall(r'<text[^>]*>([^<]*)</text>', svg))
    for what, lines in told.items():
        with open(f"{folder}/{run}.{what}", "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
