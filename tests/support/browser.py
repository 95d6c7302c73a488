"""browser.py WHAT ...: looks at the book's web site in chromium.

    site FOLDER       each page, from the folder and at two widths: what runs,
                      what is too wide; each run, stepped through by keys,
                      forwards and back; search; one page from a server
    axe FOLDER AXE [PAGE...]   what axe-core, the file AXE, finds wrong on a
                      phone, on a desktop, and there in dark mode
    tree FOLDER PAGE...   what a screen reader gets without a name, twice or
                      not at all, on a phone
    slides PAGE       slides, gone through by one key
    alone PAGE        a page of one run
    copies PAGE OUT   presses each copy button, with and without a clipboard
                      of the browser's; writes a file in OUT for each
    text PAGE...      the text of pages, all of it selected and copied
    pdf FILE PDFJS    the text of a PDF as pdf.js, in that folder, reads it

It talks to the browser through a pipe, in the DevTools Protocol.
Exit status: 0 nothing is wrong; 1 something is, which it prints.
"""
import base64
import functools
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading


class Browser:
    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        read, self.to = os.pipe()
        self.answers, write = os.pipe()

        def ends():  # chromium reads from 3 and writes to 4
            os.dup2(os.dup(read), 30)
            os.dup2(os.dup(write), 31)
            os.dup2(30, 3)
            os.dup2(31, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--allow-file-access-from-files",
             "--remote-debugging-pipe", "--user-data-dir=" + self.profile.name],
            preexec_fn=ends, close_fds=False, stderr=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": self.profile.name})
        os.close(read)
        os.close(write)
        self.rest, self.number, self.session = b"", 0, None
        target = self.ask("Target.createTarget", url="about:blank")
        self.session = self.ask("Target.attachToTarget", flatten=True,
                                targetId=target["targetId"])["sessionId"]
        self.faults = []  # what a page threw, or could not load
        for what in "Page", "Runtime", "Log":
            self.ask(what + ".enable")

    def messages(self):
        while True:
            while b"\0" not in self.rest:
                more = os.read(self.answers, 1 << 16)
                if not more:
                    raise SystemExit("chromium has ended")
                self.rest += more
            one, self.rest = self.rest.split(b"\0", 1)
            yield json.loads(one)

    def ask(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        words = json.dumps(request).encode() + b"\0"
        while words:
            words = words[os.write(self.to, words):]
        for message in self.messages():
            told = message.get("params", {})
            if message.get("method") == "Runtime.exceptionThrown":
                details = told["exceptionDetails"]
                self.faults.append(details.get("exception", {}).get("description", details["text"]))
            elif message.get("method") == "Log.entryAdded" and told["entry"]["level"] == "error":
                self.faults.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
            if message.get("id") == self.number:
                if "error" in message:
                    raise SystemExit(f"{method}: {message['error']}")
                return message["result"]

    def size(self, width, scheme="light"):
        self.ask("Emulation.setDeviceMetricsOverride", width=width,
                 height=900, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])

    def key(self, key, code):
        for kind in "keyDown", "keyUp":
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                     windowsVirtualKeyCode=code,
                     **{"text": "\r"} if key == "Enter" and kind == "keyDown" else {})

    def open(self, path):
        self.ask("Page.navigate", url=path if "://" in path else
                 "file://" + os.path.abspath(path))
        self.run("new Promise(done => document.readyState === 'complete'"
                 " ? done() : addEventListener('load', () => done()))")

    def run(self, script):
        result = self.ask("Runtime.evaluate", expression=script,
                          awaitPromise=True, returnByValue=True,
                          userGesture=True)
        if "exceptionDetails" in result:
            raise SystemExit(json.dumps(result["exceptionDetails"])[:600])
        return result["result"].get("value")

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.profile.cleanup()


# Of all texts of one colour and size on the same backgrounds, the first that
# is in the window, and the first that is not: the others have the same
# contrast, and axe takes 3 ms for each.
LOOKS = """(() => {
    const seen = new Set();
    return [...document.body.querySelectorAll('*')].filter(one => {
        const [box] = one.getClientRects();
        if (!box || ![...one.childNodes].some(
            node => node.nodeType === 3 && node.data.trim())) return false;
        const { color, fontSize, fontWeight } = getComputedStyle(one);
        let look = [color, fontSize, fontWeight, box.right > innerWidth].join();
        for (let on = one; on; on = on.parentElement) {
            const { backgroundColor, backgroundImage, opacity, position } =
                getComputedStyle(on);
            const ground = [backgroundColor, backgroundImage, opacity,
                            position].join();
            if (ground !== 'rgba(0, 0, 0, 0),none,1,static') look += ground;
        }
        return !seen.has(look) && seen.add(look);
    });
})()"""


def axe(browser, folder, script, *only):
    with open(script, encoding="utf-8") as file:
        script = file.read()
    wrong = 0
    for page in only or pages(folder):
        browser.size(1280)
        browser.open(f"{folder}/{page}")
        browser.run(LOADED)
        browser.run(script + "; 0")
        # Each player in the middle of its run.
        browser.run("document.querySelectorAll('run-steps').forEach("
                    "one => one.go(one.run.steps.length >> 1))")
        for width, scheme in (390, "light"), (1280, "light"), (1280, "dark"):
            browser.size(width, scheme)
            checks = ["{include: %s}, {runOnly: ['color-contrast']}" % LOOKS]
            if scheme == "light":
                checks.append(
                    "document, {rules: {'color-contrast': {enabled: false}}}")
            for what in checks:
                for rule, count, where in browser.run(
                        f"axe.run({what}).then(found => found.violations.map("
                        "one => [one.id, one.nodes.length,"
                        " one.nodes[0].html.slice(0, 120)]))"):
                    print(page, width, scheme, rule, count, where)
                    wrong = 1
    return wrong


def pages(folder):
    return sorted(name for name in os.listdir(folder) if name.endswith(".html"))


# Until the players have their data.
LOADED = """new Promise(done => {
    const players = [...document.querySelectorAll('run-steps')];
    const look = () => players.every(one => one.run) ? done() : setTimeout(look, 20);
    setTimeout(done, 5000);
    look();
})"""

# Steps through the scenes of one player by the keys that it listens to, to
# the end and back; tells what is wrong, and how many steps there were.
PLAY = """(() => {
    const one = document.querySelectorAll('run-steps')[%d], wrong = [];
    const { name, scenes } = one.data, on = one.querySelector('.on'), choice = one.querySelector('select');
    const key = key => on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    const shown = () => {
        const svg = one.querySelector('.rows svg');
        return [one.at, one.querySelector('.say').textContent, one.querySelector('.tables').innerHTML,
            ...[...one.querySelectorAll('li.now, li.here')].map(li => li.className + li.textContent + (li.dataset.who || '')),
            svg && svg.getAttribute('viewBox'), svg && [...svg.querySelectorAll('g[data-step]')].filter(
                g => g.style.display !== 'none').length].join('|');
    };
    let count = 0;
    scenes.forEach((scene, n) => {
        if (n) {
            choice.value = n;
            choice.dispatchEvent(new Event('change'));
        }
        const steps = scene.steps.length, seen = [];
        on.focus();
        for (let at = 1; at <= steps; at++, key('ArrowRight')) {
            if (one.at !== at) wrong.push(`${name} ${n + 1}: the keys lead to ${one.at}, not to ${at}`);
            if (!one.querySelector('.say').textContent.trim()) wrong.push(`${name} ${n + 1}: step ${at} says nothing`);
            seen.push(shown());
        }
        if (document.activeElement !== on) wrong.push(`${name} ${n + 1}: the focus is lost at the end`);
        if (location.hash !== `#${name}.${n + 1}.${steps}`) wrong.push(`${name} ${n + 1}: no link to the end`);
        for (let at = steps; at >= 1; at--, key('p')) {
            if (shown() !== seen[at - 1]) wrong.push(`${name} ${n + 1}: on the way back, step ${at} is another`);
        }
        key('End');
        if (one.at !== steps) wrong.push(`${name} ${n + 1}: End leads to ${one.at}`);
        count += steps;
    });
    return [count, wrong];
})()"""


def find(browser, word):
    """What the search lists for a word that is typed after /."""
    browser.run("document.activeElement.blur()")
    browser.ask("Input.dispatchKeyEvent", type="keyDown", key="/", text="/")
    browser.ask("Input.insertText", text=word)
    return browser.run("""new Promise(done => {
        const list = document.querySelector('nav.book form ol');
        const told = () => document.querySelector('nav.book [role=status]').textContent;
        const look = () => told() ? done([...list.querySelectorAll('a')].map(a => a.getAttribute('href')))
            : setTimeout(look, 20);
        setTimeout(() => done([]), 5000);
        look();
    })""")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


WORDS = {"TIME-WAIT": "close.html", "htons": "bind.html", "EADDRINUSE": "bind.html"}


def site(browser, folder, *only):
    steps = runs = 0
    for page in only or pages(folder):
        for width in 390, 1280:
            browser.size(width)
            browser.open(f"{folder}/{page}")
            browser.run(LOADED)
            wide = browser.run("document.documentElement.scrollWidth")
            if wide > width:
                print(page, width, "is", wide, "wide")
            folded = browser.run("!document.querySelector('nav.book details').open")
            if folded != (width == 390):
                print(page, width, "has its contents", "folded" if folded else "open")
            # A drawing's letters are 11 high at its natural width.
            small = browser.run("Math.min(11, ...[...document.querySelectorAll('.rows svg')].map("
                                "svg => 11 * svg.clientWidth / svg.viewBox.baseVal.width))")
            if small < 10:
                print(page, width, "letters of a drawing are", small, "pixels high")
        for number in range(browser.run("document.querySelectorAll('run-steps').length")):
            # A page may change its address only so often: each run has a page of its own.
            browser.open(f"{folder}/{page}?{number}")
            browser.run(LOADED)
            if browser.run(f"!!document.querySelectorAll('run-steps')[{number}].run"):
                count, wrong = browser.run(PLAY % number)
                steps += count
                runs += 1
                for each in wrong:
                    print(page, each)
            else:
                print(page, "a run has no steps")
        while browser.faults:
            print(page, browser.faults.pop())
    print(steps, "steps in", runs, "runs")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for where in folder, f"http://127.0.0.1:{server.server_port}":
        browser.open(f"{where}/index.html")
        for word, page in WORDS.items():
            found = find(browser, word)
            if not any(link.startswith(page) for link in found):
                print(where, "search for", word, "finds", found)
            browser.key("Escape", 27)
        browser.open(f"{where}/sendrecv.html#06.1.13")
        browser.run(LOADED)
        if browser.run("document.querySelector('run-steps').at") != 13:
            print(where, "the link to step 13 leads elsewhere")
        # A key that is pressed, Enter on the button, and the slider.
        browser.run("document.querySelector('run-steps .on').focus()")
        for key, code, at in ("n", 78, 14), ("ArrowLeft", 37, 13), ("Enter", 13, 14), ("Home", 36, 1):
            browser.key(key, code)
            if browser.run("document.querySelector('run-steps').at") != at:
                print(where, "the key", key, "does not lead to step", at)
    server.shutdown()
    for fault in browser.faults:
        print(fault)
    return 0


def alone(browser, page):
    """A page with one run and nothing beside it."""
    browser.size(390)
    browser.open(page)
    browser.run(LOADED)
    for each in browser.run(PLAY % 0)[1] + browser.faults:
        print(each)
    if browser.run("document.documentElement.scrollWidth") > 390:
        print("the page is too wide")
    return 0


def tree(browser, folder, *some):
    """The accessibility tree of pages, each player in the middle of its run."""
    browser.size(390)
    browser.ask("Accessibility.enable")
    for page in some:
        browser.open(f"{folder}/{page}")
        browser.run(LOADED)
        for one in browser.run("[...document.querySelectorAll('run-steps')].map(one => { one.go(one.run.steps.length >> 1);"
                               " return [one.data.name, !!one.querySelector('li.now:not([aria-current])')]; })"):
            if one[1]:
                print(page, one[0], "does not tell where it is")
        nodes = {node["nodeId"]: node for node in browser.ask("Accessibility.getFullAXTree")["nodes"]}

        def name(node):
            return node.get("name", {}).get("value", "").strip()

        def says(node):
            return any(name(child) or says(child) for child in map(nodes.get, node.get("childIds", [])) if child)

        for node in nodes.values():
            if node.get("ignored"):
                continue
            role, called = node["role"]["value"], name(node)
            stop = any(one["name"] == "focusable" and one["value"]["value"] for one in node.get("properties", []))
            if stop and not called:
                print(page, role, "has no name")
            if role == "heading" and "Link to" in called:
                print(page, role, called, "is said twice")
            if role in ("group", "region") and called and not says(node):
                print(page, role, called, "says nothing")
        if len(nodes) < 500:
            print(page, "has only", len(nodes), "nodes")
    return 0


def slides(browser, page):
    browser.size(1280)
    browser.open(page)
    browser.run(LOADED)
    count = browser.run("document.querySelectorAll('.slide').length")
    asked, steps = 0, 0
    seen, told = [], 0
    for _ in range(400):
        at, hidden, step, wide = browser.run("""(() => {
            const on = document.querySelectorAll('.slide.on'), answer = on[0].querySelector('.answer');
            const run = on[0].querySelector('run-steps');
            return [on.length === 1 ? location.hash.slice(1) : 'several', answer && getComputedStyle(answer).visibility,
                run ? run.at : 0, document.documentElement.scrollWidth > innerWidth];
        })()""")
        if wide:
            print("slide", at, "is too wide")
        if at not in seen:
            seen.append(at)
            asked += hidden == "hidden"
            told += hidden == "visible"
        steps = max(steps, step)
        browser.key(" ", 32)
    if seen != [str(n + 1) for n in range(count)] or not asked or told or steps < 10:
        print("a key leads through slides", seen, "of", count, asked, "questions", steps, "steps")
    for fault in browser.faults:
        print(fault)
    return 0


def copies(browser, page, out):
    browser.open(page)
    copied = browser.run("""(async () => {
        const got = [];
        let text;
        const { clipboard } = navigator;
        clipboard.writeText = async words => { text = words; };
        document.addEventListener('copy', () => { text = document.activeElement.value; });
        for (const button of document.querySelectorAll('button.copy')) {
            const each = [];
            for (const one of [clipboard, undefined]) { // none: plain http
                Object.defineProperty(navigator, 'clipboard', { value: one, configurable: true });
                text = '';
                button.click();
                await Promise.resolve();
                each.push(text);
            }
            got.push([button.parentElement.dataset.file, ...each]);
        }
        return got;
    })()""")
    for name, text, plain in copied:
        path = os.path.join(out, os.path.basename(name))
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        if text != plain:
            print(name, "is not copied without a clipboard")
    return 0 if copied else 1


def text(browser, *paths):
    for path in paths:
        browser.open(path)
        print(browser.run("""document.querySelectorAll('details').forEach(one => { one.open = true; });
            getSelection().selectAllChildren(document.body); getSelection().toString()"""))
    return 0


def pdf(browser, path, folder):
    with open(path, "rb") as file:
        data = base64.b64encode(file.read()).decode()
    browser.open("/dev/null")
    for name in "pdf.js", "pdf.worker.js":
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            browser.run(file.read() + "; 0")
    browser.run("window.data = ''; 0")
    for at in range(0, len(data), 1 << 20):
        browser.run("data += '%s'; 0" % data[at:at + (1 << 20)])
    print(browser.run("""(async () => {
        const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
        const book = await pdfjsLib.getDocument({ data: bytes }).promise;
        const pages = [];
        for (let n = 1; n <= book.numPages; n++) {
            const { items } = await (await book.getPage(n)).getTextContent();
            pages.push(items.map(i => i.str + (i.hasEOL ? '\\n' : '')).join(''));
        }
        return pages.join('\\n\\f');
    })()"""))
    return 0


def main():
    browser = Browser()
    try:
        return {"site": site, "axe": axe, "tree": tree, "alone": alone, "slides": slides, "copies": copies, "text": text,
                "pdf": pdf}[sys.argv[1]](
            browser, *sys.argv[2:])
    finally:
        browser.end()


if __name__ == "__main__":
    sys.exit(main())
