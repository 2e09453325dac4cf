"""Debian's headless Chromium by the WebDriver protocol (W3C), spoken over plain HTTP. Must never open a window, nor reach
anything but this machine.
"""

import base64
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile

from harness import PATIENCE, until

DRIVER = shutil.which("chromedriver")
CHROMIUM = shutil.which("chromium")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Enter": "\ue007", "ArrowDown": "\ue015", "ArrowUp": "\ue013", "Escape": "\ue00c", "Tab": "\ue004", "End": "\ue010",
        "Home": "\ue011"}


def missing():
    """Why there is no browser; None when there is one."""
    return None if DRIVER and CHROMIUM else "chromium and chromium-driver are not installed"


class DriverError(Exception):
    """What the driver refused, by its error word."""


class Element:
    """Something in the page."""

    def __init__(self, browser, reference):
        self.browser, self.reference = browser, reference

    def call(self, method, path, body=None):
        return self.browser.call(method, f"/element/{self.reference}{path}", body)

    @property
    def text(self):
        return self.call("GET", "/text")

    def attribute(self, name):
        return self.call("GET", f"/attribute/{name}")

    def click(self):
        self.call("POST", "/click", {})

    def type(self, text):
        self.call("POST", "/value", {"text": text})

    def all(self, css):
        return [Element(self.browser, found[ELEMENT]) for found in
                self.call("POST", "/elements", {"using": "css selector", "value": css})]


class Browser:
    """One browser with one window."""

    def __init__(self, width=1440, height=1000, dark=False):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.home = tempfile.mkdtemp(prefix="nvb", dir="/tmp")
        self.session = None
        self.process = subprocess.Popen(
            [DRIVER, f"--port={self.port}", "--log-level=WARNING"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, "HOME": self.home, "TMPDIR": self.home})
        until(self.ready, "chromedriver answers")
        # No sandbox: the tests run as root in containers, and the only pages are our own.
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--disable-background-networking", "--no-first-run", f"--user-data-dir={self.home}/profile",
                     f"--window-size={width},{height}"]
        if dark:
            arguments.append("--force-dark-mode")
        made = self.request("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": {"binary": CHROMIUM, "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"}, "timeouts": {"pageLoad": int(PATIENCE * 1000), "script": int(PATIENCE * 1000)}}}})
        self.session = made["sessionId"]
        self.size(width, height, dark)

    def ready(self):
        try:
            return self.request("GET", "/status")["ready"]
        except OSError:
            return False

    def request(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE + 60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(answer, dict) and "error" in answer and "stacktrace" in answer:
            raise DriverError(f"{answer['error']}: {answer['message'].splitlines()[0]}")
        return answer

    def call(self, method, path, body=None):
        return self.request(method, f"/session/{self.session}{path}", body)

    def command(self, name, **parameters):
        """A command of the DevTools protocol."""
        return self.call("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def size(self, width, height, dark=False):
        """What the page sees: exactly this viewport, and the theme that the system prefers."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    def script(self, code, *arguments):
        """What the body of a function returns; a promise is waited for."""
        return self.call("POST", "/execute/sync", {"script": code, "args": list(arguments)})

    def all(self, css):
        return [Element(self, found[ELEMENT]) for found in self.call("POST", "/elements", {"using": "css selector", "value": css})]

    def one(self, css):
        """The element, waited for."""
        found = until(lambda: self.all(css), lambda: f"{css} is in the page: {self.said()}")
        return found[0]

    def click(self, css):
        """Presses the element, also where it is drawn anew at that moment."""
        def pressed():
            try:
                self.one(css).click()
                return True
            except DriverError as problem:
                if "stale element" not in str(problem):
                    raise
                return False
        until(pressed, lambda: f"{css} can be pressed")

    def text(self, css):
        """Its text, read in one step: an element may be replaced between two."""
        return self.script("return document.querySelector(arguments[0])?.innerText ?? null", css)

    def texts(self, css):
        return self.script("return [...document.querySelectorAll(arguments[0])].map((e) => e.innerText)", css)

    def press(self, *keys):
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def said(self):
        """What the console holds: errors of scripts, refusals of the policy."""
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]

    def screenshot(self, path, whole=False):
        parameters = {"format": "png"}
        if whole:
            size = self.command("Page.getLayoutMetrics")["cssContentSize"]
            parameters |= {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.command("Page.captureScreenshot", **parameters)["data"]))

    def close(self):
        try:
            if self.session:
                self.call("DELETE", "")
        except (OSError, DriverError, ValueError):
            pass
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)
