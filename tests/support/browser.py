"""browser.py WHAT ...: looks at the book's web page in chromium.

    axe PAGE AXE      what axe-core, the file AXE, finds wrong on a phone,
                      on a desktop, and there in dark mode; and whether
                      the page is too wide or the ladders are too small
    copies PAGE OUT   presses each copy button; writes a file in OUT for each
    pdf FILE PDFJS    the text of a PDF as pdf.js, in that folder, reads it

It talks to the browser through a pipe, in the DevTools Protocol.
Exit status: 0 nothing is wrong; 1 something is, which it prints.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile


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
            preexec_fn=ends, close_fds=False, stderr=subprocess.DEVNULL)
        os.close(read)
        os.close(write)
        self.rest, self.number, self.session = b"", 0, None
        target = self.ask("Target.createTarget", url="about:blank")
        self.session = self.ask("Target.attachToTarget", flatten=True,
                                targetId=target["targetId"])["sessionId"]
        self.ask("Page.enable")

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
            if message.get("id") == self.number:
                if "error" in message:
                    raise SystemExit(f"{method}: {message['error']}")
                return message["result"]

    def open(self, path):
        self.ask("Page.navigate", url="file://" + os.path.abspath(path))
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


def axe(browser, page, script):
    browser.open(page)
    with open(script, encoding="utf-8") as file:
        browser.run(file.read() + "; 0")
    wrong = 0
    for width, scheme in (390, "light"), (1280, "light"), (1280, "dark"):
        browser.ask("Emulation.setDeviceMetricsOverride", width=width,
                    height=900, deviceScaleFactor=1, mobile=False)
        browser.ask("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])
        checks = ["{include: %s}, {runOnly: ['color-contrast']}" % LOOKS]
        if scheme == "light":
            checks.append(
                "document, {rules: {'color-contrast': {enabled: false}}}")
        for what in checks:
            for rule, count, where in browser.run(
                    f"axe.run({what}).then(found => found.violations.map("
                    "one => [one.id, one.nodes.length,"
                    " one.nodes[0].html.slice(0, 120)]))"):
                print(width, scheme, rule, count, where)
                wrong = 1
        for target in browser.run(
                "[...document.querySelectorAll('a[href^=\"#\"]')]"
                ".map(link => link.hash.slice(1)).filter(id => !document"
                ".getElementById(id).getClientRects().length)"):
            print(width, "a link goes to", target, "which is not shown")
            wrong = 1
        wide = browser.run("document.documentElement.scrollWidth")
        if wide > width:
            print(width, "the page is", wide, "wide")
            wrong = 1
        # A ladder's letters are 11 high in a drawing of its natural width.
        small = browser.run(
            "Math.min(...[...document.querySelectorAll('.ladder img')]"
            ".map(one => 11 * one.clientWidth / one.naturalWidth), 11)")
        if small < 10:
            print(width, "letters of a ladder are", small, "pixels high")
            wrong = 1
    return wrong


def copies(browser, page, out):
    browser.open(page)
    copied = browser.run("""(async () => {
        const got = [];
        let text;
        navigator.clipboard.writeText = async words => { text = words; };
        for (const button of document.querySelectorAll('button.copy')) {
            text = '';
            button.click();
            await Promise.resolve();
            got.push([button.parentElement.dataset.file, text]);
        }
        return got;
    })()""")
    for name, text in copied:
        path = os.path.join(out, os.path.basename(name))
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    return 0 if copied else 1


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
        return {"axe": axe, "copies": copies, "pdf": pdf}[sys.argv[1]](
            browser, *sys.argv[2:])
    finally:
        browser.end()


sys.exit(main())
