"""Readings, usage and the memory limit (issue 2: readings, usage; Real input 3)."""

import re

from harness import NEVER, QUICK, SystemTest, lines, py, sh, steady, until

HOG = """
import time
block = []
for _ in range(200):
    block.append(bytearray(b'x') * (1 << 20)); time.sleep(0.01)
time.sleep(1000)"""


class Readings(SystemTest):
    def test_an_idle_worker_has_readings_and_unknown_is_null(self):
        """issue 2: readings each second"""
        s = self.run_with({"a": steady(), "off": steady(autostart=False)})
        s.wait_up("a")
        row = until(lambda: s.row("a")["memory_bytes"] and s.row("a")["cpu_percent"] is not None and s.row("a"),
                    lambda: s.row("a"))
        self.assertEqual((row["tasks"], row["threads"]), (1, 1))
        self.assertGreater(row["memory_bytes"], 0)
        off = s.row("off")
        for key in ("pid", "cpu_percent", "memory_bytes", "tasks", "uptime_seconds", "started_at", "last_exit",
                    "revenue_usd", "roi_percent"):
            self.assertIsNone(off[key], key)
        self.assertEqual(off["roi_status"], "no_data")

    def test_a_busy_worker_uses_about_what_the_kernel_says(self):
        """issue 2: CPU"""
        s = self.run_with({"a": sh("while :; do :; done")})
        s.wait_up("a")
        row = until(lambda: (s.row("a")["cpu_usage_usec"] or 0) > 1_000_000 and s.row("a"), lambda: s.row("a"))
        final = dict(line.split() for line in lines(s.group("a") + "/cpu.stat"))
        self.assertLessEqual(row["cpu_usage_usec"], int(final["usage_usec"]))
        self.assertGreater(row["cpu_percent"], 5)
        self.assertLess(row["cpu_percent"], 130)

    def test_tasks_and_threads_count_children_and_threads(self):
        """issue 2: tasks, threads"""
        s = self.run_with({"a": py("""
import os, threading, time
for _ in range(3): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
os.fork()
time.sleep(1000)""")})
        s.wait_up("a")
        until(lambda: (s.row("a")["threads"]) == 5, lambda: s.row("a"))

    def test_readings_of_a_host_without_controllers_are_marked_estimated(self):
        """issue 2, Real input 3: fallbacks marked estimated"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        row = until(lambda: s.row("a")["memory_bytes"] and s.row("a"), "a reading")
        host = s.api("GET", "/v1/status")[1]["host"]
        self.assertEqual(row["memory_estimated"], "memory" not in host["controllers"])
        if not host["controllers"]:
            self.assertTrue(host["notes"], "it says what is not enforced")

    def test_limits_that_this_host_cannot_enforce_are_named(self):
        """issue 2, Real input 3: minus cpu, pids and io limits"""
        s = self.run_with({"a": steady(limits={"cpu": "50%", "pids": 50, "io_weight": 50})})
        s.wait_up("a")
        controllers = s.api("GET", "/v1/status")[1]["host"]["controllers"]
        missing = " ".join(s.detail("a")["limits_not_enforced"])
        for key in ("cpu", "pids", "io"):
            self.assertEqual(key in missing, key not in controllers, missing)

    def test_metrics_are_prometheus_text(self):
        """interface.md: /metrics"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        status, text = s.api("GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertRegex(text, r'(?m)^nova_\w+\{[^}]*worker="a"[^}]*\} [0-9.e+-]+$')
        for line in text.splitlines():
            self.assertRegex(line, r'^(#.*|[a-zA-Z_:][\w:]*(\{[^}]*\})? \S+( \d+)?|)$')


class Usage(SystemTest):
    def test_usage_in_the_database_is_the_final_counter_with_grandchildren(self):
        """issue 2: final totals exact after exit, including grandchildren"""
        s = self.prepare()
        s.configure({"a": py(f"""
import os, resource, time
def burn(seconds):
    while time.process_time() < seconds: pass
for _ in range(2):
    if os.fork() == 0:
        if os.fork() == 0:
            burn(0.2); os._exit(0)
        os.wait(); os._exit(0)
for _ in range(2): os.wait()
total = sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
open('{s.path('own')}', 'w').write('%d' % (total * 1e6) + '\\n')
os._exit(9)""", restart="never")})
        s.start()
        s.wait_state("a", "failed")
        rows = until(lambda: s.sql("SELECT cpu_usec FROM incarnation WHERE ended_usec IS NOT NULL"), "it is booked")
        own = int(lines(s.path("own"))[0])
        self.assertGreaterEqual(own, 400_000)
        # What the kernel spends on the exits comes on top of what the worker saw.
        self.assertGreaterEqual(rows[0][0], own - 20_000)
        self.assertLess(rows[0][0], own + 150_000)
        self.assertEqual(s.sql("SELECT sum(cpu_usec) FROM usage_booking"), rows)

    def test_cost_is_priced_as_configured_and_shown(self):
        """issue 2: priced with prices, so that ps and status show real COST/H"""
        s = self.run_with({"a": sh("while :; do :; done")}, settings={"prices": {"cpu_hour": "36.00"}})
        s.wait_up("a")
        row = until(lambda: float(s.row("a")["cost_usd"] or 0) >= 0.01 and s.row("a"), lambda: s.row("a"))
        self.assertRegex(row["cost_usd"], r"^\d+\.\d{6}$")
        self.assertGreater(float(row["cost_per_hour_usd"]), 1)
        # 36 USD an hour is 1 cent a CPU second.
        self.assertAlmostEqual(float(row["cost_usd"]), row["cpu_usage_usec"] / 1e6 * 0.01, delta=0.03)
        self.assertIsNone(row["revenue_usd"])
        s.ok("stop", "a")
        booked = until(lambda: s.sql("SELECT cpu_usec, cost_micro FROM instance_usage WHERE worker = 'a'"), "booked")
        self.assertAlmostEqual(booked[0][1], booked[0][0] * 0.01, delta=booked[0][0] * 0.001 + 50)

    def test_the_cost_so_far_survives_a_stop_and_a_restart_of_the_supervisor(self):
        """issue 2: cost so far"""
        s = self.run_with({"a": sh("while :; do :; done")}, settings={"prices": {"cpu_hour": "36.00"}})
        until(lambda: float((s.row("a") or {}).get("cost_usd") or 0) >= 0.005, lambda: s.row("a"))
        s.ok("stop", "a")
        before = until(lambda: s.row("a")["cost_usd"], "it has a cost")
        s.stop()
        s.start()
        self.assertEqual(until(lambda: s.row("a")["cost_usd"], "it has a cost"), before)


class MemoryLimit(SystemTest):
    def test_a_worker_over_its_memory_limit_is_ended_with_the_reason(self):
        """issue 2, Real input 3: the memory limit enforced from readings"""
        s = self.run_with({"a": py(HOG, limits={"memory": "60M"}, backoff=NEVER)})
        row = s.wait_state("a", "backoff")
        enforced = "memory" in s.api("GET", "/v1/status")[1]["host"]["controllers"]
        self.assertEqual(row["reason"], "oom" if enforced else "memory_limit")
        self.assertEqual((row["last_exit"]["signal"], row["crashes"]), (9, 1))
        self.assertEqual(row["last_exit"]["oom"], enforced)

    def test_children_count_towards_the_memory_limit(self):
        """issue 2, Real input 3"""
        s = self.run_with({"a": py("import os\nif os.fork(): os.wait()\n" + HOG, limits={"memory": "60M"},
                                   backoff=NEVER)})
        self.assertIn(s.wait_state("a", "backoff")["reason"], ("oom", "memory_limit"))
        self.assertNoGroup(s, "a")

    def test_a_worker_below_its_memory_limit_is_left_alone(self):
        """issue 2, Real input 3"""
        s = self.run_with({"a": py("x = bytearray(b'x') * (20 << 20)\nimport time; time.sleep(1000)",
                                   limits={"memory": "200M"}, backoff=QUICK)})
        s.wait_up("a")
        until(lambda: (s.row("a")["memory_bytes"] or 0) > 20 << 20, lambda: s.row("a"))
        self.assertEqual((s.state_of("a"), s.row("a")["crashes"]), ("running", 0))
        self.assertTrue(re.search(r"\d", s.ok("ps", "a", "--no-headers")))
