"""Restart policy, backoff and crash limit (peers.md 3b rows 16 to 36, 89, 101)."""

import datetime
import signal

from harness import NEVER, QUICK, SystemTest, lines, py, remains, sh, signal_pid, steady, until


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class CrashLimit(SystemTest):
    def crashing(self, **keys):
        return self.run_with({"a": sh("exit 1", backoff=QUICK, **keys)})

    def test_at_the_limit_a_visible_cooldown_counts_down_and_it_comes_back(self):
        """rows 16, 19; issue 2: automatic visible cooldown"""
        s = self.crashing(max_crashes=3, cooldown="4s", max_cooldowns=3)
        row = s.wait_state("a", "cooldown")
        self.assertEqual((row["crashes"], row["max_crashes"]), (3, 3))
        first = row["cooldown_remaining_seconds"]
        self.assertIn(first, range(1, 5))
        self.assertRegex(s.ok("ps", "a"), r"cooldown .* left")
        self.assertRegex(s.ok("ps", "a"), r"3/3")
        until(lambda: (s.row("a")["cooldown_remaining_seconds"] or 0) < first, "the countdown goes down")
        self.assertEqual(s.starts_of("a"), 3)
        until(lambda: s.starts_of("a") > 3, "it came back by itself")

    def test_after_the_last_round_it_is_failed_with_exactly_one_critical_event(self):
        """rows 19, 30"""
        s = self.crashing(max_crashes=2, cooldown="300ms", max_cooldowns=2)
        row = s.wait_state("a", "failed")
        self.assertEqual(s.starts_of("a"), 6)
        self.assertIsNone(row["cooldown_remaining_seconds"])
        self.assertIsNone(row["backoff_remaining_seconds"])
        # An alert of it is another event: it tells people of this one.
        critical = [e for e in s.events() if e["severity"] == "critical" and e["type"] != "alert.raised"]
        self.assertEqual([(e["worker"], e["type"]) for e in critical], [("a", "instance.failed")])

    def test_max_cooldowns_0_stops_for_good_at_the_first_limit(self):
        """row 19"""
        s = self.crashing(max_crashes=2, max_cooldowns=0)
        s.wait_state("a", "failed")
        self.assertEqual(s.events("instance.cooldown", "a"), [])
        self.assertEqual(s.starts_of("a"), 2)

    def test_max_cooldowns_minus_1_never_gives_up(self):
        """row 19"""
        s = self.crashing(max_crashes=1, cooldown="100ms", max_cooldowns=-1)
        until(lambda: len(s.events("instance.cooldown", "a")) >= 8, "eight rounds")
        self.assertEqual(s.events("instance.failed", "a"), [])

    def test_a_manual_start_clears_counter_and_rounds(self):
        """row 17"""
        s = self.prepare()
        s.configure({"a": sh(f"[ -e {s.path('mended')} ] || exit 1; exec sleep 1000", backoff=QUICK, max_crashes=3,
                             max_cooldowns=0)})
        s.start()
        s.wait_state("a", "failed")
        answer = s.cli("start", "a")
        self.assertExit(answer, 1)
        s.wait_state("a", "failed")
        self.assertEqual(s.starts_of("a"), 6, "the full allowance again")
        s.touch("mended")
        s.ok("start", "a")
        self.assertEqual(s.wait_up("a")["crashes"], 0)

    def test_a_start_ends_a_cooldown(self):
        """row 17; interface.md: start clears crash counter and cooldown"""
        s = self.prepare()
        s.configure({"a": sh(f"[ -e {s.path('mended')} ] || exit 1; exec sleep 1000", backoff=QUICK, max_crashes=2,
                             cooldown="10m")})
        s.start()
        s.wait_state("a", "cooldown")
        s.touch("mended")
        s.ok("start", "a")
        row = s.wait_up("a")
        self.assertEqual((row["crashes"], row["cooldown_remaining_seconds"]), (0, None))

    def test_reset_clears_the_counter_without_starting(self):
        """interface.md: reset TARGET"""
        s = self.crashing(max_crashes=2, max_cooldowns=0)
        s.wait_state("a", "failed")
        s.ok("reset", "a")
        row = until(lambda: s.row("a")["crashes"] == 0 and s.row("a"), "the counter is cleared")
        self.assertIsNone(row["pid"])
        self.assertEqual(s.starts_of("a"), 2)

    def test_crashes_outside_the_window_do_not_count(self):
        """row 18"""
        s = self.run_with({"a": sh("sleep 0.5; exit 1", backoff={**QUICK, "delay": "300ms", "max": "300ms"},
                                   max_crashes=3, crash_window="1s")})
        until(lambda: s.row("a")["restarts_total"] >= 5, "five restarts")
        self.assertEqual(s.events("instance.cooldown", "a"), [])

    def test_a_crash_loop_of_30_ms_ends_in_failed(self):
        """row 36"""
        s = self.run_with({"a": sh("sleep 0.03; exit 1", backoff={"delay": "10ms", "factor": 1, "max": "10ms"},
                                   max_crashes=15, max_cooldowns=0)})
        row = s.wait_state("a", "failed")
        self.assertEqual(s.starts_of("a"), 15)
        self.assertEqual(row["reason"], "exit_failed")

    def test_exit_0_in_a_tight_loop_meets_the_limit_too(self):
        """architecture, rule 3: slow loops and clean ones count"""
        s = self.run_with({"a": sh("exit 0", backoff=QUICK, max_crashes=3, max_cooldowns=0)})
        s.wait_state("a", "failed")
        self.assertEqual(s.starts_of("a"), 3)

    def test_what_an_operator_does_is_never_a_crash(self):
        """row 89"""
        s = self.run_with({"a": steady(backoff=QUICK, max_crashes=1)})
        for verb in (["stop", "a"], ["start", "a"], ["restart", "a"], ["pause", "a"], ["resume", "a"], ["kill", "a"]):
            s.wait_up("a") if verb[0] not in ("start", "resume") else None
            s.ok(*verb)
        row = s.wait_up("a")
        self.assertEqual(row["crashes"], 0)
        self.assertEqual(s.events("instance.cooldown", "a"), [])


class Backoff(SystemTest):
    def test_delays_grow_by_the_factor_up_to_the_maximum(self):
        """row 21"""
        s = self.run_with({"a": sh("exit 1", max_crashes=20,
                                   backoff={"delay": "100ms", "factor": 2, "max": "700ms", "jitter": "0%"})})
        until(lambda: s.starts_of("a") >= 7, "six restarts")
        gaps, since = [], None
        for event in s.events("instance", "a"):
            if event["type"] == "instance.backoff":
                since = moment(event["at"])
            elif event["type"] == "instance.starting" and since:
                gaps.append((moment(event["at"]) - since).total_seconds())
        for gap, wanted in zip(gaps, [0.1, 0.2, 0.4, 0.7, 0.7, 0.7]):
            self.assertGreaterEqual(gap, wanted - 0.005, gaps)
        said = [event["message"] for event in s.events("instance.backoff", "a")][:6]
        for message, wanted in zip(said, ["0.1s", "0.2s", "0.4s", "0.7s", "0.7s", "0.7s"]):
            self.assertIn(f"restarting in {wanted}", message)

    def test_a_stop_during_backoff_succeeds_and_nothing_starts_later(self):
        """row 23"""
        s = self.run_with({"a": sh("exit 1", backoff={"delay": "1s", "max": "1s", "jitter": "0%"})})
        s.wait_state("a", "backoff")
        s.ok("stop", "a")
        row = s.row("a")
        self.assertEqual((row["state"], row["backoff_remaining_seconds"]), ("stopped", None))
        count = s.starts_of("a")
        remains(lambda: s.starts_of("a") == count and s.state_of("a") == "stopped", "it stays stopped", 1.5)

    def test_the_time_left_of_a_backoff_is_visible(self):
        """issue 2: growing backoff"""
        s = self.run_with({"a": sh("exit 1", backoff=NEVER)})
        row = s.wait_state("a", "backoff")
        self.assertIn(row["backoff_remaining_seconds"], range(560, 601))
        self.assertEqual(row["crashes"], 1)

    def test_kill_by_an_operator_comes_back_after_the_base_delay(self):
        """interface.md: kill, then policy restarts after backoff.delay, crash counter untouched"""
        s = self.run_with({"a": steady(backoff={"delay": "500ms", "factor": 2, "max": "10s", "jitter": "0%"})})
        pid = s.wait_up("a")["pid"]
        s.ok("kill", "a")
        row = s.wait_new_pid("a", pid)
        self.assertEqual(row["crashes"], 0)
        self.assertEqual(row["restarts_total"], 1)


class Policy(SystemTest):
    def test_on_failure_restarts_exit_1(self):
        """row 26"""
        s = self.run_with({"a": sh("exit 1", restart="on-failure", backoff=QUICK)})
        until(lambda: s.row("a")["restarts_total"] >= 1, "it was restarted")

    def test_on_failure_leaves_exit_0_completed(self):
        """row 26"""
        s = self.run_with({"a": sh("exit 0", restart="on-failure", backoff=QUICK)})
        row = s.wait_state("a", "completed")
        self.assertEqual((row["reason"], row["restarts_total"], row["crashes"]), ("exit_ok", 0, 0))

    def test_on_failure_counts_death_by_TERM_HUP_INT_and_PIPE_as_clean(self):
        """row 27; interface.md: clean as with systemd"""
        names = {"term": signal.SIGTERM, "hup": signal.SIGHUP, "int": signal.SIGINT, "pipe": signal.SIGPIPE}
        s = self.run_with({name: steady(restart="on-failure", backoff=QUICK) for name in names})
        for name, number in names.items():
            signal_pid(s.wait_up(name)["pid"], number)
            row = s.wait_state(name, "completed")
            self.assertEqual((row["last_exit"]["signal"], row["crashes"]), (int(number), 0))

    def test_on_failure_restarts_after_KILL_QUIT_and_SEGV(self):
        """row 27"""
        names = {"kill": signal.SIGKILL, "quit": signal.SIGQUIT, "segv": signal.SIGSEGV}
        s = self.run_with({name: steady(restart="on-failure", backoff=QUICK) for name in names})
        for name, number in names.items():
            pid = s.wait_up(name)["pid"]
            signal_pid(pid, number)
            row = s.wait_new_pid(name, pid)
            self.assertEqual((row["last_exit"]["signal"], row["crashes"]), (int(number), 1))

    def test_success_exit_codes_are_no_failure(self):
        """row 28"""
        s = self.run_with({
            "listed": sh("exit 130", restart="on-failure", success_exit_codes=[0, 130], backoff=QUICK),
            "unlisted": sh("exit 130", restart="on-failure", backoff=QUICK)})
        row = s.wait_state("listed", "completed")
        self.assertEqual((row["restarts_total"], row["last_exit"]["code"]), (0, 130))
        until(lambda: s.row("unlisted")["restarts_total"] >= 1, "without the list it is restarted")

    def test_always_restarts_a_clean_exit(self):
        """issue 2: restart policy"""
        s = self.run_with({"a": sh("sleep 1.2; exit 0", backoff=QUICK)})
        until(lambda: s.row("a")["restarts_total"] >= 1, "it was restarted")
        self.assertEqual(s.row("a")["crashes"], 0)

    def test_never_leaves_a_crash_failed(self):
        """issue 2: restart policy"""
        s = self.run_with({"a": sh("exit 7", restart="never", backoff=QUICK)})
        row = s.wait_state("a", "failed")
        self.assertEqual((row["last_exit"]["code"], row["restarts_total"]), (7, 0))

    def test_a_restart_happens_exactly_once(self):
        """row 35"""
        s = self.run_with({"a": steady(restart="never")})
        pid = s.wait_up("a")["pid"]
        s.ok("restart", "a")
        row = s.wait_new_pid("a", pid)
        signal_pid(row["pid"])
        s.wait_state("a", "failed")
        self.assertEqual(s.starts_of("a"), 2)

    def test_a_restart_while_it_waits_for_a_dependency_makes_one_process(self):
        """row 32"""
        s = self.prepare()
        s.configure({"base": py("import time; time.sleep(1000)", ready="notify"),
                     "hard": sh(f"echo x >> {s.path('runs')}; exec sleep 1000", requires=["base"])})
        s.start()
        s.wait_state("hard", "starting")
        pending = s.begin("restart", "hard")
        until(lambda: s.events("operator.restart", "hard"), "the order arrived")
        s.configure({"base": steady(), "hard": s.workers["hard"]})
        s.ok("reload")
        s.wait_up("hard")
        s.finish(pending)
        self.assertEqual(len(lines(s.path("runs"))), 1)
        self.assertEqual(len(s.members("hard")), 1)

    def test_a_stop_while_it_waits_for_a_dependency_is_answered_at_once(self):
        """row 33"""
        s = self.run_with({"base": steady(ready="notify"), "hard": steady(requires=["base"])})
        s.wait_state("hard", "starting")
        s.ok("stop", "hard", "--timeout", "5s")
        self.assertEqual(s.state_of("hard"), "stopped")
        self.assertEqual(s.starts_of("hard"), 0)

    def test_the_second_of_two_stops_gets_its_full_grace(self):
        """row 101"""
        s = self.prepare()
        s.configure({"a": sh(f"trap 'sleep 0.7; echo graceful >> {s.path('ends')}; exit 0' TERM;"
                             f"echo up >> {s.path('ups')}; while :; do sleep 0.05; done", stop_timeout="8s")})
        s.start()
        for number in (1, 2):
            until(lambda: len(lines(s.path("ups"))) == number, "the trap is set")
            s.ok("stop", "a")
            self.assertEqual(lines(s.path("ends")), ["graceful"] * number)
            self.assertEqual(s.row("a")["last_exit"]["code"], 0)
            if number == 1:
                s.ok("start", "a")
