"""Stop, kill and what is left (peers.md 3b rows 38 to 51, 77)."""

import os
import signal
import time

from harness import (
    NEVER, QUICK, SystemTest, alive, exists, lines, proc_status, py, read, sh, signal_pid, steady, until)

IGNORES_TERM = "trap '' TERM; touch {0}; while :; do sleep 0.05; done"


class Stop(SystemTest):
    def stubborn(self, **keys):
        s = self.prepare()
        s.configure({"a": sh(IGNORES_TERM.format(s.path("up")), **keys)})
        s.start()
        until(lambda: os.path.exists(s.path("up")), "the signal is ignored")
        return s

    def test_after_the_stop_timeout_comes_KILL_and_the_state_is_stopping_meanwhile(self):
        """row 38"""
        s = self.stubborn(stop_timeout="1500ms")
        began = time.monotonic()
        pending = s.begin("stop", "a")
        s.wait_state("a", "stopping")
        self.assertExit(s.finish(pending), 0)
        self.assertGreaterEqual(time.monotonic() - began, 1.5)
        row = s.row("a")
        self.assertEqual((row["state"], row["reason"], row["last_exit"]["signal"]), ("stopped", "operator", 9))
        self.assertNoGroup(s, "a")

    def test_a_worker_that_obeys_is_stopped_early_and_without_KILL(self):
        """row 39"""
        s = self.run_with({"a": steady(stop_timeout="10m")})
        s.wait_up("a")
        s.ok("stop", "a")
        self.assertEqual(s.row("a")["last_exit"]["signal"], signal.SIGTERM)

    def test_stop_with_a_timeout_of_its_own_overrides_the_configured_one(self):
        """interface.md: stop -t"""
        s = self.stubborn(stop_timeout="10m")
        s.ok("stop", "-t", "300ms", "a")
        self.assertEqual(s.row("a")["last_exit"]["signal"], 9)

    def test_a_stop_that_takes_longer_than_its_caller_waits_exits_124_and_goes_on(self):
        """row 40"""
        s = self.stubborn(stop_timeout="3s")
        self.assertExit(s.cli("stop", "a", "--timeout", "300ms"), 124, "goes on")
        self.assertEqual(s.state_of("a"), "stopping")
        s.wait_state("a", "stopped")

    def test_no_wait_answers_at_once(self):
        """interface.md: --no-wait"""
        s = self.stubborn(stop_timeout="2s")
        s.ok("stop", "a", "--no-wait")
        self.assertIn(s.state_of("a"), ("stopping", "running"))
        s.wait_state("a", "stopped")

    def test_stop_returns_only_after_grandchildren_that_ignore_TERM_are_gone(self):
        """row 41"""
        s = self.prepare()
        tree = f"trap '' TERM; echo $$ >> {s.path('pids')}; {{0}} while :; do sleep 0.05; done"
        inner = tree.replace("{0}", "")
        with open(s.path("inner"), "w") as f:
            f.write(inner)
        with open(s.path("middle"), "w") as f:
            f.write(tree.replace("{0}", f"sh {s.path('inner')} &"))
        s.configure({"a": sh(f"echo $$ >> {s.path('pids')}; sh {s.path('middle')} & exec sleep 1000",
                             stop_timeout="500ms")})
        s.start()
        until(lambda: len(lines(s.path("pids"))) == 3, "three levels live")
        pids = [int(pid) for pid in lines(s.path("pids"))]
        s.ok("stop", "a")
        self.assertEqual([pid for pid in pids if alive(pid)], [])
        self.assertNoGroup(s, "a")

    def test_a_daemon_that_forks_twice_and_leaves_the_session_stays_in_the_group(self):
        """issue 2: stop ladder to populated 0"""
        s = self.prepare()
        s.configure({"a": py(f"""
import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN)
        open('{s.path('daemon')}', 'w').write(str(os.getpid()) + '\\n')
        time.sleep(1000)
    os._exit(0)
os.wait()
time.sleep(1000)""", stop_timeout="500ms")})
        s.start()
        until(lambda: lines(s.path("daemon")), "the daemon lives")
        daemon = int(lines(s.path("daemon"))[0])
        self.assertIn(daemon, s.members("a"))
        s.ok("stop", "a")
        self.assertFalse(alive(daemon))
        self.assertNoGroup(s, "a")

    def test_children_that_outlive_a_crashed_main_process_are_gone_before_it_comes_back(self):
        """architecture, rule 1: stopped means gone"""
        s = self.prepare()
        s.configure({"a": sh(f"(trap '' TERM; echo x >> {s.path('kids')}; while :; do sleep 0.05; done) &"
                             " exec sleep 1000", backoff=QUICK, stop_timeout="300ms")})
        s.start()
        pid = s.wait_up("a")["pid"]
        old = until(lambda: len(lines(s.path("kids"))) == 1 and s.members("a"), "the child lives")
        signal_pid(pid)
        s.wait_new_pid("a", pid)
        self.assertEqual([p for p in old if alive(p)], [])

    def test_a_start_during_a_slow_stop_makes_exactly_two_starts(self):
        """row 43"""
        s = self.prepare()
        s.configure({"a": sh(f"trap 'sleep 1; exit 0' TERM; echo x >> {s.path('starts')}; while :; do sleep 0.05; done")})
        s.start()
        until(lambda: len(lines(s.path("starts"))) == 1, "it began")
        pending = s.begin("stop", "a")
        s.wait_state("a", "stopping")
        s.ok("start", "a")
        s.finish(pending)
        s.wait_up("a")
        until(lambda: len(lines(s.path("starts"))) == 2, "it began again")
        self.assertEqual(len([p for p in s.members("a") if proc_status(p)["Name"] == "sh"]), 1)

    def test_stopping_what_others_require_stops_them_too_and_says_so(self):
        """row 44; interface.md: stopping a worker stops those that require it"""
        s = self.run_with({"base": steady(), "mid": steady(requires=["base"]), "top": steady(requires=["mid"]),
                           "other": steady(after=["base"])})
        for name in ("base", "mid", "top", "other"):
            s.wait_up(name)
        out = s.ok("stop", "base")
        said = [line for line in out.splitlines() if line.startswith("also stopped")]
        self.assertEqual(len(said), 1, out)
        self.assertIn("mid", said[0])
        self.assertIn("top", said[0])
        self.assertEqual([s.state_of(name) for name in ("base", "mid", "top")], ["stopped"] * 3)
        self.assertIn(s.state_of("other"), ("running", "ready"))

    def test_dependents_stop_before_what_they_require(self):
        """row 45"""
        s = self.prepare()
        def logger(name, **keys):
            return sh(f"trap 'echo {name} >> {s.path('order')}; exit 0' TERM; touch {s.path(name)};"
                      "while :; do sleep 0.05; done", **keys)
        s.configure({"a": logger("a"), "b": logger("b", requires=["a"]), "c": logger("c", requires=["b"])})
        s.start()
        until(lambda: all(os.path.exists(s.path(name)) for name in "abc"), "all run")
        s.ok("stop", "a")
        self.assertEqual(lines(s.path("order")), ["c", "b", "a"])

    def test_a_paused_worker_can_be_stopped(self):
        """row 46"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        s.ok("pause", "a")
        s.ok("stop", "a")
        row = s.row("a")
        self.assertEqual(row["state"], "stopped")
        self.assertEqual(row["last_exit"]["signal"], signal.SIGTERM)

    def test_stopping_twice_is_a_no_op(self):
        """interface.md: idempotent"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        s.ok("stop", "a")
        self.assertIn("unchanged", s.ok("stop", "a"))

    def test_the_configured_stop_signal_is_sent(self):
        """issue 2: configuration exactly as in interface.md"""
        s = self.prepare()
        s.configure({"a": sh(f"trap 'exit 42' INT; trap '' TERM; touch {s.path('up')}; while :; do sleep 0.05; done",
                             stop_signal="INT")})
        s.start()
        until(lambda: os.path.exists(s.path("up")), "the trap is set")
        s.ok("stop", "a")
        self.assertEqual(s.row("a")["last_exit"]["code"], 42)

    def test_orphaned_grandchildren_leave_no_zombie(self):
        """row 51"""
        s = self.prepare()
        s.configure({"a": py(f"""
import os, time
for number in range(5):
    if os.fork() == 0:
        if os.fork() == 0:
            time.sleep(0.3); os._exit(0)
        os._exit(0)
    os.wait()
open('{s.path('done')}', 'w').write('x\\n')
time.sleep(1000)""")})
        s.start()
        main = s.wait_up("a")["pid"]
        until(lambda: lines(s.path("done")), "five orphans were made")
        until(lambda: s.members("a") == [main], lambda: f"only the main process is left, not {s.members('a')}")
        shim = s.shim()
        zombies = [name for name in os.listdir("/proc") if name.isdigit()
                   and f") Z {shim} " in read(f"/proc/{name}/stat", "x")]
        self.assertEqual(zombies, [])


class Kill(SystemTest):
    def test_kill_ends_the_whole_group_and_policy_brings_it_back(self):
        """interface.md: kill TARGET"""
        s = self.prepare()
        s.configure({"a": sh(f"sleep 1000 & echo $! > {s.path('child')}; exec sleep 1000", backoff=QUICK)})
        s.start()
        pid = s.wait_up("a")["pid"]
        until(lambda: lines(s.path("child")), "it has a child")
        child = int(lines(s.path("child"))[0])
        s.ok("kill", "a")
        s.wait_new_pid("a", pid)
        self.assertFalse(alive(child))
        self.assertEqual(s.row("a")["crashes"], 0)

    def test_kill_no_restart_leaves_it_down(self):
        """interface.md: --no-restart"""
        s = self.run_with({"a": steady(backoff=QUICK)})
        s.wait_up("a")
        s.ok("kill", "a", "--no-restart")
        s.wait_state("a", "stopped")
        self.assertEqual(s.starts_of("a"), 1)

    def test_kill_with_a_signal_reaches_the_main_process_alone(self):
        """interface.md: -s SIG"""
        s = self.trapping()
        s.ok("kill", "-s", "USR1", "a")
        until(lambda: "main" in lines(s.path("got")), "the main process got it")
        s.ok("kill", "-s", "SIGUSR2", "a", "--all-processes")
        until(lambda: sorted(lines(s.path("got"))) == ["child2", "main", "main2"], lambda: lines(s.path("got")))
        self.assertIn(s.state_of("a"), ("running", "ready"))
        self.assertEqual(s.starts_of("a"), 1)

    def trapping(self):
        s = self.prepare()
        s.configure({"a": sh(f"""
(trap 'echo child >> {s.path('got')}' USR1; trap 'echo child2 >> {s.path('got')}' USR2; touch {s.path('c')}
while :; do sleep 0.05; done) &
trap 'echo main >> {s.path('got')}' USR1; trap 'echo main2 >> {s.path('got')}' USR2; touch {s.path('m')}
while :; do sleep 0.05; done""")})
        # A short-lived sleep that gets the signal dies of it: the loops go on.
        s.start()
        until(lambda: os.path.exists(s.path("c")) and os.path.exists(s.path("m")), "the traps are set")
        return s

    def test_a_signal_to_a_stopped_worker_exits_3(self):
        """row 50; interface.md: 3 not running"""
        s = self.run_with({"a": steady(autostart=False)})
        self.assertExit(s.cli("kill", "-s", "HUP", "a"), 3)

    def test_an_unknown_signal_is_wrong_usage(self):
        """interface.md: 2 usage"""
        s = self.run_with({"a": steady()})
        self.assertExit(s.cli("kill", "-s", "NONSENSE", "a"), 2, "NONSENSE")

    def test_a_death_after_an_operators_signal_is_no_crash(self):
        """row 89"""
        s = self.run_with({"a": steady(backoff=QUICK)})
        pid = s.wait_up("a")["pid"]
        s.ok("kill", "-s", "KILL", "a")
        self.assertEqual(s.wait_new_pid("a", pid)["crashes"], 0)


class Shutdown(SystemTest):
    def test_SIGTERM_to_the_supervisor_stops_all_in_reverse_order_and_leaves_nothing(self):
        """rows 45, 77"""
        s = self.prepare()
        def logger(name, **keys):
            return sh(f"trap 'echo {name} >> {s.path('order')}; exit 0' TERM; touch {s.path(name)};"
                      "while :; do sleep 0.05; done", **keys)
        s.configure({"a": logger("a"), "b": logger("b", requires=["a"]), "c": logger("c", after=["b"])})
        s.start()
        until(lambda: all(os.path.exists(s.path(name)) for name in "abc"), "all run")
        pids = [pid for name in "abc" for pid in s.members(name)]
        s.stop()
        self.assertEqual(lines(s.path("order")), ["c", "b", "a"])
        self.assertEqual([pid for pid in pids if exists(pid)], [])

    def test_SIGTERM_waits_for_the_stop_timeouts_of_the_workers(self):
        """row 77"""
        s = self.prepare()
        s.configure({"slow": sh(f"trap 'sleep 1; echo done > {s.path('slow')}; exit 0' TERM; touch {s.path('up')};"
                                "while :; do sleep 0.05; done"),
                     "deaf": sh(IGNORES_TERM.format(s.path("deaf")), stop_timeout="500ms")})
        s.start()
        until(lambda: os.path.exists(s.path("up")) and os.path.exists(s.path("deaf")), "both run")
        s.stop()
        self.assertEqual(lines(s.path("slow")), ["done"])

    def test_SIGINT_in_the_foreground_stops_everything_cleanly(self):
        """issue 2: Ctrl-C stops everything cleanly"""
        s = self.run_with({"a": steady(), "b": steady(backoff=NEVER)})
        pids = [s.wait_up(name)["pid"] for name in "ab"]
        self.assertEqual(s.ask_to_end(signal.SIGINT), 0)
        self.assertEqual([pid for pid in pids if alive(pid)], [])
        until(lambda: not s.shims(), "the shim ended too")

    def test_a_worker_in_backoff_does_not_hold_up_the_end(self):
        """row 23"""
        s = self.run_with({"a": sh("exit 1", backoff=NEVER)})
        s.wait_state("a", "backoff")
        s.stop()

    def test_a_paused_worker_does_not_survive_the_end(self):
        """row 46"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        s.ok("pause", "a")
        s.stop()
        self.assertFalse(alive(pid))
