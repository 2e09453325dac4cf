"""Jobs, dependencies, health checks and heartbeats (peers.md 3b rows 60 to 67, 87, 91)."""

import os
import socket

from harness import (
    LISTEN, NOTIFY, QUICK, SystemTest, free_port, lines, py, remains, sh, signal_pid, steady, until)


class Jobs(SystemTest):
    def test_an_interval_job_runs_again_and_again_and_waits_between(self):
        """issue 2: jobs by interval"""
        s = self.prepare()
        s.configure({"a": sh(f"echo run >> {s.path('runs')}", mode="job", interval="700ms")})
        s.start()
        until(lambda: len(lines(s.path("runs"))) >= 3, "three runs")
        row = s.wait_state("a", "waiting")
        self.assertIsNotNone(row["next_run_at"])
        self.assertEqual(row["crashes"], 0)
        self.assertExit(s.cli("ps", "--check"), 0)

    def test_runs_of_a_job_never_overlap(self):
        """row 87"""
        s = self.prepare()
        s.configure({"a": sh(f"mkdir {s.path('lock')} || echo overlap >> {s.path('bad')}; echo x >> {s.path('runs')};"
                             f"sleep 0.5; rmdir {s.path('lock')}", mode="job", interval="200ms")})
        s.start()
        until(lambda: len(lines(s.path("runs"))) >= 4, "four runs")
        self.assertFalse(os.path.exists(s.path("bad")))

    def test_a_stopped_job_stays_unscheduled(self):
        """row 87"""
        s = self.prepare()
        s.configure({"a": sh(f"echo x >> {s.path('runs')}", mode="job", interval="300ms")})
        s.start()
        until(lambda: lines(s.path("runs")), "a run")
        s.ok("stop", "a")
        count = len(lines(s.path("runs")))
        self.assertEqual(s.state_of("a"), "stopped")
        remains(lambda: len(lines(s.path("runs"))) == count, "no further run", 1)

    def test_a_job_without_interval_and_schedule_is_completed_after_its_run(self):
        """issue 2: jobs; architecture: completed"""
        s = self.prepare()
        s.configure({"a": sh(f"echo x >> {s.path('runs')}", mode="job")})
        s.start()
        row = s.wait_state("a", "completed")
        self.assertEqual((row["reason"], row["last_exit"]["code"]), ("exit_ok", 0))
        self.assertExit(s.cli("ps", "--check"), 0)
        self.assertEqual(lines(s.path("runs")), ["x"])
        s.ok("start", "a")
        until(lambda: len(lines(s.path("runs"))) == 2, "a start by hand runs it again")

    def test_a_failed_run_counts_and_the_next_comes_at_its_time(self):
        """issue 2: jobs by interval"""
        s = self.run_with({"a": sh("exit 4", mode="job", interval="400ms", max_crashes=100)})
        until(lambda: s.row("a")["crashes"] >= 2, "two failed runs")
        self.assertEqual(s.row("a")["last_exit"]["code"], 4)

    def test_a_calendar_job_shows_its_next_run(self):
        """issue 2: jobs by cron"""
        s = self.run_with({"a": sh("true", mode="job", schedule="0 3 * * *")})
        row = s.wait_state("a", "waiting")
        self.assertRegex(row["next_run_at"], r"T03:00:00")
        self.assertEqual(s.starts_of("a"), 0)

    def test_a_restart_runs_a_waiting_job_now(self):
        """interface.md: restart"""
        s = self.prepare()
        s.configure({"a": sh(f"echo x >> {s.path('runs')}", mode="job", schedule="0 3 1 1 *")})
        s.start()
        s.wait_state("a", "waiting")
        s.ok("restart", "a")
        until(lambda: lines(s.path("runs")) == ["x"], "it ran")
        s.wait_state("a", "waiting")


class Dependencies(SystemTest):
    def test_what_is_required_starts_first_and_a_start_pulls_it_in(self):
        """row 60; issue 2: dependencies"""
        s = self.run_with({"base": steady(autostart=False), "top": steady(requires=["base"], autostart=False)})
        s.ok("start", "top")
        s.wait_up("base"), s.wait_up("top")
        order = [e["worker"] for e in s.events("instance.started")]
        self.assertEqual(order, ["base", "top"])

    def test_after_orders_without_requiring(self):
        """row 60"""
        s = self.run_with({"one": steady(), "two": steady(after=["one"]), "three": steady(after=["two"]),
                           "alone": steady(after=["off"]), "off": steady(autostart=False)})
        for name in ("one", "two", "three", "alone"):
            s.wait_up(name)
        order = [e["worker"] for e in s.events("instance.started") if e["worker"] != "alone"]
        self.assertEqual(order, ["one", "two", "three"])
        self.assertEqual(s.state_of("off"), "stopped")

    def test_a_worker_says_what_it_waits_for(self):
        """issue 2: dependencies"""
        s = self.run_with({"base": steady(ready="notify"), "top": steady(requires=["base"])})
        row = s.wait_state("top", "starting")
        self.assertEqual(row["reason"], "dependency")
        self.assertIn("base", s.ok("ps", "top"))


class Health(SystemTest):
    def check(self, **keys):
        return [{"name": "look", "period": "200ms", "timeout": "1s", "threshold": 3, **keys}]

    def outage(self, s, break_it, mend):
        """Breaks the worker, waits for the one restart, and sees that there is no second while it is broken."""
        pid = s.wait_up("a")["pid"]
        until(lambda: s.api("GET", "/v1/health")[1]["healthy"], "it is healthy")
        break_it()
        row = s.wait_new_pid("a", pid)
        # One restart an outage: ten more failing looks change nothing.
        remains(lambda: s.row("a")["restarts_total"] == 1, lambda: s.row("a"), 2.5)
        self.assertEqual(s.row("a")["pid"], row["pid"])
        self.assertExit(s.cli("health", "a"), 1)
        mend()
        until(lambda: s.cli("health", "a").code == 0, lambda: s.cli("health", "a"))
        return row

    def test_a_failing_exec_check_restarts_once_an_outage(self):
        """row 67; issue 2: one restart an outage"""
        s = self.prepare()
        s.configure({"a": steady(backoff=QUICK, health=self.check(
            exec=["/bin/sh", "-c", f"echo too bad; test ! -e {s.path('bad')}"]))})
        s.start()
        self.outage(s, lambda: s.touch("bad"), lambda: os.remove(s.path("bad")))
        self.assertTrue([e for e in s.events("instance", "a") if "health check look" in e["message"]])

    def test_a_failing_http_check_restarts_once_an_outage(self):
        """row 67; issue 2: health checks http"""
        s = self.prepare()
        port = free_port()
        s.configure({"a": py(LISTEN + f"serve({port}, '{s.path('bad')}')", backoff=QUICK,
                             ready={"tcp": port}, health=self.check(http=f"http://127.0.0.1:{port}/"))})
        s.start()
        self.outage(s, lambda: s.touch("bad"), lambda: os.remove(s.path("bad")))

    def test_a_failing_tcp_check_restarts_once_an_outage(self):
        """row 67; issue 2: health checks tcp"""
        s = self.prepare()
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        opened = []
        self.addCleanup(lambda: [one.close() for one in opened])
        s.configure({"a": steady(backoff=QUICK, health=self.check(tcp=port))})
        s.start()
        self.outage(s, listener.close, lambda: opened.append(socket.create_server(("127.0.0.1", port))))

    def test_failures_below_the_threshold_are_counted_and_restart_nobody(self):
        """row 62"""
        s = self.prepare()
        s.configure({"a": steady(backoff=QUICK, health=self.check(threshold=500, exec=["/bin/false"]))})
        s.start()
        pid = s.wait_up("a")["pid"]

        def failures():
            checks = s.detail("a")["instances"][0]["health"]
            return checks and checks[0]["failures"] >= 4
        until(failures, "four failures are counted")
        self.assertEqual((s.row("a")["pid"], s.row("a")["restarts_total"]), (pid, 0))

    def test_a_check_that_hangs_times_out_and_says_so(self):
        """row 65"""
        s = self.run_with({"a": steady(health=self.check(
            threshold=500, timeout="150ms", exec=["/bin/sleep", "1000"]))})

        def message():
            checks = s.detail("a")["instances"][0]["health"]
            return checks and checks[0]["failures"] >= 2 and checks[0]["message"]
        self.assertIn("timed out", until(message, lambda: s.detail("a")["instances"][0]["health"]))

    def test_a_check_does_not_run_during_backoff(self):
        """row 64"""
        s = self.prepare()
        s.configure({"a": sh("exit 1", backoff={"delay": "2s", "max": "2s", "jitter": "0%"},
                             health=self.check(threshold=1, exec=["/bin/sh", "-c", f"echo x >> {s.path('looks')}; false"]))})
        s.start()
        s.wait_state("a", "backoff")
        before = len(lines(s.path("looks")))
        remains(lambda: len(lines(s.path("looks"))) <= before + 1, "nobody looks", 1)
        self.assertEqual(s.row("a")["reason"], "exit_failed")

    def test_a_check_with_action_none_restarts_nobody(self):
        """interface.md: health action"""
        s = self.run_with({"a": steady(health=self.check(threshold=1, action="none", exec=["/bin/false"]))})
        pid = s.wait_up("a")["pid"]
        until(lambda: s.cli("health", "a").code == 1, "it is unhealthy")
        self.assertEqual((s.row("a")["pid"], s.row("a")["restarts_total"]), (pid, 0))


class Heartbeat(SystemTest):
    def test_a_worker_that_stops_beating_is_restarted(self):
        """issue 2: heartbeat (WATCHDOG=1)"""
        s = self.prepare()
        s.configure({"a": py(NOTIFY + f"""
assert int(os.environ['WATCHDOG_USEC']) == 1000000
open('{s.path('starts')}', 'a').write('x\\n')
while not os.path.exists('{s.path('hang')}'):
    notify('WATCHDOG=1'); time.sleep(0.1)
time.sleep(1000)""", watchdog="1s", backoff=QUICK)})
        s.start()
        pid = s.wait_up("a")["pid"]
        remains(lambda: s.row("a")["pid"] == pid, "a beating worker is left alone", 2)
        s.touch("hang")
        until(lambda: len(lines(s.path("starts"))) >= 2, "it was restarted")
        self.assertGreaterEqual(s.row("a")["crashes"], 1)
        self.assertTrue([e for e in s.events("instance", "a") if "heartbeat" in e["message"]], s.events("instance", "a"))

    def test_WATCHDOG_trigger_restarts_at_once(self):
        """architecture: WATCHDOG=trigger"""
        s = self.prepare()
        s.configure({"a": py(NOTIFY + f"""
if not os.path.exists('{s.path('done')}'):
    open('{s.path('done')}', 'w'); notify('WATCHDOG=trigger')
time.sleep(1000)""", watchdog="10m", backoff=QUICK)})
        s.start()
        until(lambda: s.row("a")["restarts_total"] == 1, "it was restarted")

    def test_a_frozen_worker_accrues_no_heartbeat_and_health_time(self):
        """row 91"""
        s = self.run_with({"a": py(NOTIFY + "\nwhile True:\n    notify('WATCHDOG=1'); time.sleep(0.1)",
                                   watchdog="1s", backoff=QUICK,
                                   health=[{"name": "x", "period": "100ms", "timeout": "50ms", "threshold": 1,
                                            "exec": ["/bin/false"], "action": "none"}])})
        pid = s.wait_up("a")["pid"]
        s.ok("pause", "a")
        remains(lambda: s.state_of("a") == "paused", lambda: s.row("a"), 2.5)
        s.ok("resume", "a")
        s.wait_up("a")
        remains(lambda: s.row("a")["pid"] == pid, "it goes on", 0.5)
        self.assertEqual((s.row("a")["crashes"], s.row("a")["restarts_total"]), (0, 0))
        signal_pid(pid)
        s.wait_new_pid("a", pid)
