"""The history of figures: what a worker used, cost and earned by the second, and what is left of it after a kill (issue 6.4)."""

import datetime
import time

from harness import NOTIFY, SystemTest, py, sh, steady, until


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class History(SystemTest):
    def history(self, s, name, query="span=2m&step=1"):
        status, body = s.api("GET", f"/v1/workers/{name}/history?{query}")
        self.assertEqual(status, 200, body)
        return body

    def known(self, s, name, field, query="span=2m&step=1"):
        return [(p["at"], p[field]) for p in self.history(s, name, query)["points"] if p[field] is not None]

    def test_readings_by_the_second_and_the_sum_of_all_instances(self):
        """issue 6.4: CPU, memory and tasks at 1 s"""
        busy = "import time\nx = bytearray(20 << 20)\nwhile True:\n    end = time.monotonic() + 0.05\n    while time.monotonic() < end: pass\n    time.sleep(0.05)"
        s = self.run_with({"busy": py(busy, instances=2), "still": steady(), "off": steady(autostart=False)})
        s.wait_up("busy", 2)
        until(lambda: len(self.known(s, "busy", "cpu_percent")) >= 6, "seconds come in")
        series = self.history(s, "busy")
        self.assertEqual((series["worker"], series["step_seconds"], series["resolution_seconds"], len(series["points"])), ("busy", 1, 1, 120))
        at = [seconds(p["at"]) for p in series["points"]]
        self.assertEqual(at, [seconds(series["start"]) + n for n in range(120)], "points without a gap")
        newest = [p for p in series["points"] if p["cpu_percent"] is not None][-1]
        self.assertGreater(newest["cpu_percent"], 10)
        self.assertGreater(newest["memory_bytes"], 40 << 20, "both instances together")
        self.assertEqual(newest["tasks"], 2)
        self.assertIsNone(newest["revenue_usd"], "nobody said what it earns")
        self.assertTrue(all(p["cpu_percent"] is None and p["cost_usd"] is None for p in series["points"][:60]), "before it ran nothing is known")
        self.assertEqual(self.known(s, "off", "memory_bytes"), [])
        both = s.api("GET", "/v1/history?target=busy&target=still&span=30s&step=10")[1]
        self.assertEqual([one["worker"] for one in both], ["busy", "still"])
        self.assertEqual(both[0]["step_seconds"], 10)

    def test_money_counts_once(self):
        """issue 6.4: cost and revenue at 1 s"""
        code = NOTIFY + """
notify('READY=1')
for n in range(12):
    notify('X_NOVA_RUN=ok\\nX_NOVA_RUN_ID=r%d\\nX_NOVA_COST_USD=0.010000\\nX_NOVA_REVENUE_USD=0.050000' % n)
    time.sleep(0.3)
time.sleep(1000000)
"""
        s = self.run_with({"earner": py(code, ready="notify")})
        until(lambda: s.api("GET", "/v1/workers/earner")[1]["money"]["lifetime"]["runs"] == 12, "its runs are booked")

        def total(field, query):
            return sum(round(float(value) * 1e6) for _, value in self.known(s, "earner", field, query))
        for query in ("span=2m&step=1", "span=1h&step=60", "span=1d&step=3600"):
            until(lambda: total("revenue_usd", query) == 600_000, lambda: self.known(s, "earner", "revenue_usd", query))
            cost = total("cost_usd", query)
            # What it used of the host besides is some micro-dollars.
            self.assertTrue(120_000 <= cost < 121_000, cost)
        runs = s.api("GET", "/v1/workers/earner/runs?limit=5")[1]
        self.assertEqual([run["id"] for run in runs], [f"r{n}" for n in (11, 10, 9, 8, 7)])
        self.assertEqual((runs[0]["ok"], runs[0]["revenue_usd"]), (True, "0.050000"))

    def test_minutes_that_are_over_survive_a_kill(self):
        """issue 6.4: the present minute alone is lost with the supervisor, and what nobody saw stays unknown"""
        s = self.run_with({"still": steady(), "job": sh("exit 0", mode="job", interval="1s")})
        s.wait_up("still")
        until(lambda: self.known(s, "still", "memory_bytes"), "seconds come in")
        first = self.known(s, "still", "memory_bytes")[0][0]
        # To the next minute, and a little into it.
        end = (seconds(first) // 60 + 1) * 60 + 3
        until(lambda: time.time() > end, "a minute is over", seconds=90)
        before = [at for at, _ in self.known(s, "still", "memory_bytes", "span=10m&step=1") if seconds(at) < end - 3]
        self.assertGreater(len(before), 0)
        # Durable before it is killed: an answer that waits for the disk.
        s.ok("pause", "job")
        s.kill9()
        s.start()
        after = self.known(s, "still", "memory_bytes", "span=10m&step=1")
        self.assertEqual([at for at, _ in after if seconds(at) < end - 3], before)
        minute = self.known(s, "still", "memory_bytes", "span=10m&step=60")
        self.assertIn(int(end - 3) - 60, [int(seconds(at)) for at, _ in minute])

    def test_questions_that_make_no_sense(self):
        """issue 6.4: refused by name"""
        s = self.run_with({"a": steady()})
        for query, field in (("span=soon", "span"), ("span=500d", "span"), ("span=30d&step=1", "step"), ("step=0", "step"),
                             ("until=yesterday", "until"), ("target=a", "target"), ("nonsense=1", "nonsense")):
            status, body = s.api("GET", f"/v1/workers/a/history?{query}")
            self.assertEqual((status, body["error"]["field"]), (400, field), query)
        self.assertEqual(s.api("GET", "/v1/workers/nobody/history")[0], 404)
        self.assertEqual(s.api("GET", "/v1/workers/nobody/runs")[0], 404)
        self.assertEqual(s.api("GET", "/v1/history")[0], 400)
