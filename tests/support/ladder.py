"""What the ladders of a page hold: ladder.py QUESTION PAGE NAME

texts     what is drawn, a line for each piece of text
words     the text alternatives, a line for each image
svg       the drawings
"""

import html
import re
import sys
import urllib.parse

question, page, name = sys.argv[1:]
with open(page, encoding='utf-8') as file:
    figure = re.search(
        rf'<figure class="ladder" id="ladder-{name}".*?</figure>', file.read(), re.S)
for image in re.findall(r'<img [^>]*>', figure[0]) if figure else []:
    svg = urllib.parse.unquote(re.search(r'src="data:image/svg\+xml,([^"]*)"', image)[1])
    if question == 'svg':
        print(svg)
    elif question == 'words':
        print(html.unescape(re.search(r'alt="([^"]*)"', image)[1]))
    else:
        for text in re.findall(r'<text[^>]*>([^<]*)</text>', svg):
            print(html.unescape(text))
