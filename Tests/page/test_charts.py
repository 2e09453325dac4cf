"""The charts of a worker's page and the sparklines of the fleet are what the history says."""

from harness import NOTIFY, py, steady, until
from pages import PageTest, money

EARNER = NOTIFY + """
notify('READY=1')
for n in range(20):
    notify('X_NOVA_RUN=ok\\nX_NOVA_RUN_ID=r%d\\nX_NOVA_COST_USD=0.010000\\nX_NOVA_REVENUE_USD=0.050000' % n)
    time.sleep(0.05)
time.sleep(1000000)
"""


class Charts(PageTest):
    def drawn(self):
        return self.browser.script("""return [...document.querySelectorAll("#page-worker canvas")].map((c) => {
            const blank = Object.assign(document.createElement("canvas"), {width: c.width, height: c.height});
            const ink = c.width > 0 && c.toDataURL() !== blank.toDataURL();
            return {label: c.getAttribute("aria-label"), points: Number(c.dataset.points ?? 0), span: c.dataset.span, ink};
        })""")

    def test_a_workers_charts_over_every_span(self):
        s, edge, b = self.page({"earner": py(EARNER, ready="notify")})
        until(lambda: s.api("GET", "/v1/workers/earner")[1]["money"]["lifetime"]["runs"] == 20, "its runs are booked")
        b.open(edge.origin + "/#/worker/earner")
        until(lambda: len(self.drawn()) == 4 and all(c["points"] > 0 and c["ink"] for c in self.drawn()), lambda: (self.drawn(), b.text('[data-part="charts"]')))
        for span, step in (("1d", 300), ("7d", 1800), ("30d", 7200), ("1h", 10)):
            b.one(f'[data-span="{span}"]').click()

            def same():
                points = s.api("GET", f"/v1/workers/earner/history?span={span}&step={step}")[1]["points"]
                charts = self.drawn()
                revenue = sum(round(float(p["revenue_usd"]) * 1e6) for p in points if p["revenue_usd"] is not None)
                self.last = (charts, [p for p in points if p["cpu_percent"] is not None])
                return all(c["span"] == span and c["ink"] for c in charts) and revenue == 1_000_000 and (
                    f"{money(f'{revenue / 1e6:.6f}')} in all" in charts[3]["label"]
                    and charts[0]["points"] in range(1, 1 + len([p for p in points if p["cpu_percent"] is not None])))
            until(same, lambda: (span, self.last))
        self.assertEqual(b.said(), [])

    def test_sparklines_begin_full_and_go_on(self):
        s, edge, b = self.page({"a": steady()})
        s.wait_up("a")
        until(lambda: len([p for p in s.api("GET", "/v1/workers/a/history?span=60s&step=1")[1]["points"] if p["memory_bytes"] is not None]) >= 8, "there is some history")
        b.open("about:blank")
        b.open(edge.origin + "/")
        length = """return (document.querySelector('.rows .memoryLine path, .rows .memory .spark path')?.getAttribute('d') ?? '').split(/[ML]/).length - 1"""
        first = until(lambda: b.script(length) >= 8 and b.script(length), "it begins with what was before")
        until(lambda: b.script(length) > first, "it goes on live")
