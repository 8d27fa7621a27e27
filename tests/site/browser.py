"""Opens pages in a headless Chromium and prints, as JSON, what it saw of each.

Reads {"chromium", "route", "axe", "pages": [{"url", "fill": {SELECTOR: TEXT}, "count": [SELECTOR]}]} from
stdin; "axe" is the file of axe-core, or null. Where fields are to be filled, it types into them, presses Enter in the last one, and sees the
page to which that leads. Every host but
127.0.0.1 is reached at `route`, so that nobody else is asked, whatever a page tries. Speaks the
DevTools protocol over the browser's pipe; needs nothing but Python.
"""

import fcntl
import json
import os
import select
import subprocess
import sys
import tempfile
import time

SECONDS = 60
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars "
    "--disable-background-networking --disable-component-update --disable-sync --disable-extensions "
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable --remote-debugging-pipe"
).split()
LOOKS = [("light", 1280), ("dark", 360)]

PICTURES = """
Promise.all([...document.images].map(image => {
  image.loading = 'eager';
  return image.decode().then(() => null, () => 'picture does not load: ' + image.src);
})).then(flaws => flaws.filter(Boolean))
"""

AXE = """
axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.flatMap(rule =>
  rule.nodes.filter(node => !TEXT.includes(rule.id) || !document.querySelector(node.target[0]).closest('.text'))
    .map(node => `axe: ${rule.id}: ${rule.help}: ${node.html.slice(0, 160)}`)))
""".replace("TEXT", json.dumps(["list", "listitem", "definition-list", "dlitem"]))  # A portal's own lists, as they are.

CHECK = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "check.js")).read()


class Browser:
    def __init__(self, chromium, route, axe, profile):
        to_read, written = os.pipe()
        read, to_write = os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (to_read, to_write)]
        self.process = subprocess.Popen(
            [chromium, *FLAGS, f"--user-data-dir={profile}",
             f"--host-resolver-rules=MAP * {route}, EXCLUDE 127.0.0.1", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: [os.dup2(end, fd) for end, fd in zip(ends, (3, 4))],
            pass_fds=(3, 4),
        )
        for end in (to_read, to_write, *ends):
            os.close(end)
        self.written, self.read = written, read
        self.axe = axe and open(axe).read()
        self.buffer, self.last, self.events = b"", 0, []

    def message(self, deadline):
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.read], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            more = os.read(self.read, 1 << 20)
            if not more:
                raise EOFError("the browser has gone")
            self.buffer += more
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def write(self, method, parameters, session):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.written, data):]
        return self.last

    def note(self, event):
        """Keeps an event; a dialog is closed at once, for a page waits for that."""
        self.events.append(event)
        if event.get("method") == "Page.javascriptDialogOpening":
            self.write("Page.handleJavaScriptDialog", {"accept": True}, event["sessionId"])

    def ask(self, method, session=None, **parameters):
        number = self.write(method, parameters, session)
        deadline = time.monotonic() + SECONDS
        while True:
            message = self.message(deadline)
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.note(message)

    def wait(self, method):
        deadline = time.monotonic() + SECONDS
        while not any(event.get("method") == method for event in self.events):
            self.note(self.message(deadline))

    def evaluate(self, expression):
        answer = self.ask("Runtime.evaluate", self.session, expression=expression,
                          returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def begin(self):
        """Opens the one tab in which all pages are seen, one after the other."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(f"{domain}.enable", self.session)

    def go(self, url):
        self.events = []
        self.ask("Page.navigate", self.session, url=url)
        self.wait("Page.loadEventFired")

    def see(self, page):
        self.look(*LOOKS[0])
        self.go(page["url"])
        for selector, text in page.get("fill", {}).items():
            self.type(selector, text)
        if page.get("fill"):
            self.submit()
        flaws = self.evaluate(PICTURES)
        for scheme, width in LOOKS:
            self.look(scheme, width)
            flaws += [f"{scheme}, {width} px: {flaw}" for flaw in self.evaluate(CHECK)]
        if self.axe:
            self.evaluate(f"{self.axe}; null")
            flaws += self.evaluate(AXE)
        counted = {selector: self.evaluate(f"document.querySelectorAll({json.dumps(selector)}).length")
                   for selector in page.get("count", [])}
        title, url = self.evaluate("document.title"), self.evaluate("location.href")
        seen = self.told()
        # What a page still does while it is left is not told of the next one.
        self.go("about:blank")
        return {"url": url, "title": title, "flaws": flaws, "counted": counted, **seen}

    def type(self, selector, text):
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        self.ask("Input.insertText", self.session, text=text)

    def submit(self):
        """Presses Enter, and waits for the page that follows; what was told before stays told."""
        before, self.events = self.events, []
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", self.session, type=kind, key="Enter", code="Enter",
                     text="\r", windowsVirtualKeyCode=13)
        self.wait("Page.loadEventFired")
        self.events = before + self.events

    def look(self, scheme, width):
        self.ask("Emulation.setDeviceMetricsOverride", self.session, width=width, height=900,
                 deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", self.session,
                 features=[{"name": "prefers-color-scheme", "value": scheme}])

    def told(self):
        """What the page did by itself: errors, dialogs, requests."""
        errors, dialogs, requests = [], [], []
        for event in self.events:
            told = event.get("params", {})
            match event.get("method"):
                case "Log.entryAdded" if told["entry"]["level"] == "error":
                    errors.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
                case "Runtime.exceptionThrown":
                    errors.append(json.dumps(told["exceptionDetails"]))
                case "Runtime.consoleAPICalled" if told["type"] in ("error", "assert"):
                    errors.append(json.dumps(told["args"]))
                case "Page.javascriptDialogOpening":
                    dialogs.append(told["message"])
                # The browser's own pictures, of a date field, are such addresses too; they ask nobody.
                case "Network.requestWillBeSent" if not told["request"]["url"].startswith("data:"):
                    requests.append(told["request"]["url"])
        return {"errors": errors, "dialogs": dialogs, "requests": requests}


def main():
    job = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(job["chromium"], job["route"], job["axe"], profile)
        try:
            browser.begin()
            json.dump([browser.see(page) for page in job["pages"]], sys.stdout)
        finally:
            browser.process.terminate()
            browser.process.wait(SECONDS)


main()
