"""What the page's tests stand on: a supervisor, an edge, a browser that is logged in. Must never leave a browser behind."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))

from browser import Browser, missing  # noqa: E402
from edge import with_edge  # noqa: E402
from harness import SystemTest, until  # noqa: E402


def money(text):
    """As the page shows an amount, worked out from the decimal string alone."""
    if text is None:
        return "?"
    whole, fraction = text.lstrip("-").split(".")
    fraction = fraction.ljust(6, "0")
    mark = "−" if text.startswith("-") and int(whole + fraction) else ""
    if int(whole) == 0 and fraction.startswith("00") and int(fraction):
        first = len(fraction) - len(fraction.lstrip("0"))
        return f"{mark}$0.{fraction[:min(6, first + 2)]}"
    cents = (int(whole) * 10**6 + int(fraction) + 5000) // 10_000
    return f"{mark}${cents // 100:,}.{cents % 100:02}"


def roi(percent):
    """As the page shows a return."""
    return "?" if percent is None else f"{int(abs(percent) + 0.5) * (-1 if percent < 0 else 1):,} %".replace("-", "−")


def runs_of(s, name):
    """How many runs of a worker are booked."""
    return s.api("GET", f"/v1/workers/{name}")[1]["money"]["lifetime"]["runs"]


class PageTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.browser = None
        reason = missing()
        if reason:
            self.skipTest(reason)

    def page(self, workers=None, settings=None, role="act", width=1440, height=1000, dark=False):
        """(supervisor, edge, browser): the fleet is shown."""
        s, edge, self.tokens = with_edge(self, workers, settings)
        b = self.start_browser(width, height, dark)
        self.log_in(s, edge, role)
        return s, edge, b

    def start_browser(self, width=1440, height=1000, dark=False):
        self.browser = Browser(width, height, dark)
        self.addCleanup(self.browser.close)
        return self.browser

    def log_in(self, s, edge, role="act"):
        b = self.browser
        if role == "act":
            b.open(s.ok("dashboard").strip())
        else:
            b.open(edge.origin + "/")
            b.one("#login-token").type(self.tokens[role])
            b.press("Enter")
        until(lambda: b.text("#link-state") == "live", lambda: f"the page is live: {b.text('main')} {b.said()}")

    def row(self, target):
        """The parts of a row of the fleet as they are shown; None when it is not in sight."""
        return self.browser.script("""
            const row = document.querySelector(`.rows [data-target="${CSS.escape(arguments[0])}"]`);
            if (!row) return null;
            const text = (css) => row.querySelector(css)?.textContent ?? null;
            return {name: text(".worker-name"), number: text(".name .instance"), state: text(".chip"), why: text(".why"),
                    cpu: text(".cpu .figure-text"), memory: text(".memory .figure-text"), cost: text(".cost"), roi: text(".roi .figure-text"),
                    interval: text(".roi .sub"), distance: [...row.querySelectorAll(".distance .sub")].map((e) => e.textContent)};
        """, target)

    def evidence(self):
        more = ""
        if self.browser:
            try:
                more = f"--- the page\n{self.browser.text('body')}\n--- its console\n" + "\n".join(self.browser.said())
            except Exception as problem:
                more = f"no page: {problem!r}"
        return super().evidence() + "\n" + more
