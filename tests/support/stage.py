"""Walks through a play on the stage, in a terminal of tmux, for its tests.

    stage.py SOCKET back LESSON   to the end of the lesson, back to its
                                  beginning and forwards again: each
                                  screen must be as it was
    stage.py SOCKET keys          to the end of the play: prints each scene
                                  with the number of its keys
    stage.py SOCKET marks ROOT N  to the end of the play, N steps or more:
                                  at each one the marked line must make
                                  the call in the bar, no question may
                                  come twice; prints these, one a line
    stage.py SOCKET together N    to the end of the play, N calls: after each
                                  one it must be marked in the source, and
                                  its result be there; prints the lines of
                                  the sources that were seen, each after
                                  its lesson

Exit status: 0 all is as it should be; 1 it is not, and standard error shows
what was seen.
"""
import os
import re
import select
import subprocess
import sys
import time

PATIENCE = int(os.environ.get("PATIENCE", 20))  # seconds
BAR = re.compile(r"  (\d\d[-a-z]*|yours)(:[\d.]+)? *$")


def tmux(*words):
    return subprocess.run(["tmux", "-S", sys.argv[1], *words],
                          capture_output=True, text=True).stdout


def wrong(what, *screens):
    print("#", what, *screens, sep="\n", file=sys.stderr)
    sys.exit(1)


def panes(screen):
    """The lines of the screen, except the last one, that of the keys."""
    return screen.rstrip("\n").split("\n")[:-1]


def bar(screen):
    """The index of the bar, the line that ends in a step's number; or None."""
    lines = screen.split("\n")
    return next((number for number in reversed(range(len(lines)))
                 if BAR.search(lines[number])), None)


def settled(before):
    """The screen, once it shows another stop than `before`, completely."""
    end = time.monotonic() + PATIENCE
    last = None
    while time.monotonic() < end:
        screen = tmux("capture-pane", "-p")
        rests = (bar(screen) is not None and "\n Under way" not in screen
                 and panes(screen) != panes(before))
        if rests and screen == last:
            return screen
        last = screen if rests else None
        select.select([], [], [], 0.01)
    wrong("nothing else was shown", screen)


def press(key, before):
    tmux("send-keys", key)
    return settled(before)


def is_end(screen):
    return "; q ends " in screen


def turn(screen):
    """What the bar says is next: role and call; or None."""
    found = re.search(r"(?m)^ (?:.*: )?(\w+)'s turn:  (.*?)  +\S+$", screen)
    return found.groups() if found else None


def sources(screen):
    """The lines of the panes with sources: their mark, number and text."""
    parts = screen.replace("│", "\n").split("\n")
    return [found.groups() for found in
            (re.match(r"(<= |<=>|=> |\.\.\.|   ) {0,2}(\d+)(?: (.*))?$", part)
             for part in parts) if found]


def has_both(screen, name):
    """Is the call of this name marked as made, and its result there?"""
    return (any(mark != "=> " and mark != "   " and name + "(" in (line or "")
                for mark, _, line in sources(screen))
            and re.search(r"(?m)(^|│) *\d+  %s\(.*\) (= |…)" % name, screen))


def together(steps):
    screen, made, apart = settled(""), 0, []
    while not is_end(screen):
        comes = turn(screen)
        screen = press("Enter", screen)
        for _, _, line in sources(screen):
            print(BAR.search(screen.split("\n")[bar(screen)]).group(1), line)
        if comes and "(" in comes[1]:
            made += 1
            if not has_both(screen, comes[1].split("(")[0]):
                apart.append(comes[1] + "\n" + screen)
    if apart:
        wrong("%d of %d steps without their call" % (len(apart), made),
              *apart)
    if made != int(steps):
        wrong("%d steps" % made)


def back(lesson):
    seen = [settled("")]
    while not is_end(seen[-1]):
        seen.append(press("Enter", seen[-1]))
    now = seen[-1]
    places = list(range(len(seen) - 2, -1, -1)) + list(range(1, len(seen)))
    turn = len(seen) - 1
    for count, place in enumerate(places):
        now = press("PageUp" if count < turn else "PageDown", now)
        if panes(now) != panes(seen[place]):
            wrong("stop %d of %s was not as before" % (place, lesson),
                  seen[place], now)
    print(len(seen))


def keys():
    screen, count, scene = settled(""), 0, None
    while True:
        lines = screen.split("\n")
        now = BAR.search(lines[bar(screen)]).group(1)
        if scene not in (None, now):
            print(scene, count)
            count = 0
        scene = now
        if is_end(screen):
            break
        screen, count = press("Enter", screen), count + 1
    print(scene, count)


def is_told(call, line):
    """Whether this line of the source makes that call: the call has the line's
    constants, and the line has the call's buffer."""
    name, rest = call.split("(", 1)
    if not re.search(r"(^|\W)%s\(" % name, line):
        return False
    source = line.split(name + "(", 1)[1]
    if any(word not in call
           for word in re.findall(r"\b[A-Z]+_[A-Z]+\b", source)):
        return False
    return (name not in ("recv", "recvfrom")
            or call.split(",")[1] + "," in line)


def marks(root, least):
    screen, steps, asked, names = settled(""), 0, set(), set()
    while True:
        lines = screen.split("\n")
        place = bar(screen)
        comes = turn(screen)
        if comes:
            call, question = comes[1], lines[place + 1].strip()
            source = re.search(r"source(?:, next)?: (\S+) ", screen).group(1)
            number, text = next(found[1:] for found in sources(screen)
                                if "=>" in found[0])
            with open(root + "/" + source, encoding="utf-8") as file:
                line = file.read().split("\n")[int(number) - 1]
            if line.strip() != text.strip():
                wrong("the marked line is not that of the file", screen)
            if call.startswith("another look"):
                good = "getchar(" in text
            elif call == "its program ends":
                good = re.search(r"\w\(", text)
            else:
                good = is_told(call, text)
                if not question and call.split("(")[0] not in names:
                    wrong("no question", screen)
                names.add(call.split("(")[0])
            if not good:
                wrong("the marked line does not make the call", screen)
            steps += 1
            if question in asked:
                wrong("this question was answered before", screen)
            if question:
                asked.add(question)
                print(question)
        if is_end(screen):
            break
        screen = press("Enter", screen)
    if steps < int(least):
        wrong("only %d steps" % steps, screen)


{"back": back, "keys": keys, "marks": marks, "together": together}[sys.argv[2]](*sys.argv[3:])
