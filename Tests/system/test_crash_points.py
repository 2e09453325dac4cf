"""The brain aborts inside each phase of a turn, and is upgraded together with the shim (issue 3, point 1).

A test build aborts at the N-th arrival at a named moment (NOVA_FAULT=NAME:N, Sources/NovaLinux/Runtime/FaultPoint.swift).
What each life of a worker wrote into its own file is the observer that the database is compared with."""

import os
import re
import shutil
import signal
import subprocess

from harness import (
    NEVER, NOTIFY, QUICK, TOP, SystemTest, alive, argv, lines, py, read, sh, signal_pid, steady, until)

NAMES = re.findall(
    r'^  case (\w+)(?: = "([\w-]+)")?$',
    read(os.path.join(TOP, "Sources/NovaLinux/Runtime/FaultPoint.swift")), re.M)
# What is heard from workers has tests of its own: test_crash_words.py.
POINTS = [said or name for name, said in NAMES if name != "heard"]


class CrashPoints(SystemTest):
    """One test a moment is added below."""

    def crash_at(self, point, counts):
        s = self.prepare()
        s.configure({
            "steady": steady(instances=2),
            "loop": sh(f"echo $$ >> {s.path('lives')}; [ ! -e {s.path('stay')} ] || exec sleep 1000; exit 3", backoff=QUICK, max_crashes=1000),
            "cool": sh("exit 1", max_crashes=1, cooldown="10m"),
            "says": py(NOTIFY + f"notify('READY=1'); notify('STATUS=here')\nwhile True: time.sleep(0.05); notify('WATCHDOG=1')",
                       ready="notify", watchdog="60s"),
            "off": steady(autostart=False),
        })
        s.start()
        for name in ("steady", "says"):
            s.wait_up(name)
        s.wait_up("steady", 2)
        s.wait_state("cool", "cooldown")
        s.ok("pause", "steady@2")
        before = {**s.pids("steady"), "says": s.row("says")["pid"], "shim": s.shim()}
        deadline = s.row("cool")["cooldown_remaining_seconds"]
        for count in counts:
            s.kill9()
            s.environment["NOVA_FAULT"] = f"{point}:{count}"
            s.launch()
            self.provoke(s, point)
            code = s.process.wait(60)
            self.assertEqual(code, -signal.SIGABRT, f"{point}:{count}: {s.said()}")
            del s.environment["NOVA_FAULT"]
            s.start()
            s.wait_up("says")
            after = {**s.pids("steady"), "says": s.row("says")["pid"], "shim": s.shim()}
            self.assertEqual(after, before, f"{point}:{count}")
            self.assertEqual([r["restarts_total"] for r in s.rows("steady") + s.rows("says")], [0, 0, 0])
            self.assertEqual(s.state_of("steady", 2), "paused", f"{point}:{count}")
            self.assertEqual(s.state_of("off"), "stopped")
            cool = s.row("cool")
            self.assertEqual((cool["state"], cool["crashes"]), ("cooldown", 1))
            self.assertLessEqual(cool["cooldown_remaining_seconds"], deadline)
            self.assertEqual([len(s.members("steady", n)) for n in (1, 2)], [1, 1])
        s.touch("stay")
        until(lambda: str(s.row("loop")["pid"]) == (lines(s.path("lives")) or [""])[-1] and s.members("loop")
              and read(f"/proc/{s.row('loop')['pid']}/comm", "").strip() == "sleep", "the last life stays")
        ended = len(lines(s.path("lives"))) - 1
        # The life that stays is written a moment after it was seen.
        query = "SELECT exit_status, count(*) FROM incarnation WHERE worker = 'loop' GROUP BY 1 ORDER BY 1"
        until(lambda: s.sql(query) == [(None, 1), ("exited 3", ended)], lambda: (ended, s.sql(query)))
        self.assertEqual(s.row("loop")["crashes"], ended)
        self.assertEqual(s.events("instance.lost"), [])
        ids = [event["id"] for event in s.events()]
        self.assertEqual(ids, list(range(ids[0], ids[0] + len(ids))), "no event is missing")
        s.stop()
        for total, parts in (("incarnation", "usage_booking"), ("instance_usage", "incarnation")):
            self.assertEqual(
                s.sql(f"SELECT sum(cpu_usec), sum(cost_micro) FROM {total}"),
                s.sql(f"SELECT sum(cpu_usec), sum(cost_micro) FROM {parts}"), f"{total} = {parts}")
        self.assertEqual(s.sql("SELECT count(*) FROM incarnation WHERE worker IN ('steady', 'says')"), [(3,)])

    def provoke(self, s, point):
        """What makes the moment come where the fleet alone does not."""
        if point in ("handing-over", "booking"):
            # It must be able to take the signal: it says so by answering.
            def answers():
                if s.process.poll() is not None:
                    return True
                try:
                    return s.api("GET", "/v1/status")[1]["phase"] == "running"
                except OSError:
                    return False
            until(answers, "it answers")
            s.process.send_signal(signal.SIGUSR2)
        if point == "told":
            def is_dead_or_pays():
                if s.process.poll() is not None:
                    return True
                try:
                    s.api("POST", "/v1/revenue", {"id": os.urandom(8).hex(), "amount_usd": "1"})
                except OSError:
                    pass
                return False
            until(is_dead_or_pays, "an entry is booked")


def each(point):
    # Once at the first time of a new brain, while it adopts; once when the fleet runs; and at a later turn.
    counts = [1] if point in ("adopting", "handing-over", "booking", "told") else [1, 9, 40]

    def test(self):
        self.crash_at(point, counts)
    test.__doc__ = "issue 3, 1: abort inside each phase of a turn"
    return test


for point in POINTS:
    setattr(CrashPoints, f"test_an_abort_when_{point.replace('-', '_')}_loses_and_doubles_nothing", each(point))


class TheMoments(SystemTest):
    def test_every_moment_is_passed_somewhere_in_the_sources(self):
        """issue 3, 1: a build-time fault point"""
        sources = "".join(
            read(os.path.join(folder, name))
            for folder, _, names in os.walk(os.path.join(TOP, "Sources/NovaDaemon")) for name in names)
        missing = [name for name, _ in NAMES if f"FaultPoint.{name}.reached()" not in sources]
        self.assertGreater(len(NAMES), 10)
        self.assertEqual(missing, [])


class Upgrade(SystemTest):
    """New files in the place of the programs, as a package manager puts them there."""

    def install(self, s, *names):
        """Another file of the same program: a byte after its end makes it one."""
        for name in names:
            target = os.path.join(s.bin, name)
            shutil.copy2(target, target + ".new")
            with open(target + ".new", "ab") as f:
                f.write(b"\0")
            os.rename(target + ".new", target)

    def fleet(self, workers=None, **keys):
        s = self.prepare(**keys)
        programs = os.path.join(s.base, "bin")
        os.mkdir(programs)
        for name in ("nova-supervisor", "nova-shim", "novasup"):
            shutil.copy2(os.path.join(s.bin, name), programs)
        s.bin = programs
        s.configure(workers(s) if workers else {"a": steady(), "b": steady()})
        return s.start()

    def runs_installed(self, s):
        return os.readlink(f"/proc/{s.shim()}/exe") == os.path.join(s.bin, "nova-shim")

    def test_the_shim_becomes_the_installed_program_and_no_worker_notices(self):
        """issue 3, 1: new brain against the old shim; reexec; a second upgrade of both"""
        def workers(s):
            return {
                "says": py(NOTIFY + f"notify('READY=1')\nn = 0\nwhile True:\n  time.sleep(0.1); n += 1; notify(f'STATUS={{n}}'); print(n, flush=True)",
                           ready="notify"),
                "ends": sh(f"until [ -e {s.path('go')} ]; do sleep 0.02; done; exit 41", backoff=NEVER),
                "loop": sh(f"echo x >> {s.path('lives')}; sleep 0.05; exit 1", backoff=QUICK, max_crashes=1000),
            }
        s = self.fleet(workers)
        pids = [s.wait_up(name)["pid"] for name in ("says", "ends")]
        shim = s.shim()
        for number in (1, 2):
            s.kill9()
            self.install(s, "nova-supervisor", "nova-shim")
            self.assertFalse(self.runs_installed(s), "the shim runs the file that was replaced")
            if number == 2:
                s.touch("go")
            s.start()
            until(lambda: self.runs_installed(s), lambda: f"upgrade {number}: {s.events('shim')}")
            self.assertEqual(s.shim(), shim)
            until(lambda: len(s.events("shim.renewed")) == number, lambda: s.events("shim"))
            self.assertEqual(s.row("says")["pid"], pids[0])
            said = s.row("says")["status_text"]
            until(lambda: s.row("says")["status_text"] != said, "its notify socket is read")
            lives = len(lines(s.path("lives")))
            until(lambda: len(lines(s.path("lives"))) > lives + 2, "others are started again as before")
        self.assertEqual(s.wait_state("ends", "backoff")["last_exit"]["code"], 41)
        self.assertEqual(s.events("instance.lost"), [])
        self.assertEqual(s.events("shim.lost"), [])
        s.ok("stop", "loop")
        until(lambda: s.sql("SELECT count(*) FROM incarnation WHERE worker = 'loop' AND ended_usec IS NULL") == [(0,)],
              "every life is booked")
        self.assertEqual(s.sql("SELECT count(*) FROM incarnation WHERE worker = 'loop' AND exit_status = 'exited 1'")[0][0],
                         s.row("loop")["crashes"])
        numbers = [int(line) for line in s.ok("logs", "says", "-n", "100000", "--no-prefix").splitlines()]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)), "no line of its output is lost")
        s.stop()

    def test_without_an_upgrade_the_shim_is_left_alone(self):
        """issue 3, 1"""
        s = self.fleet()
        s.wait_up("a")
        s.kill9()
        s.start()
        s.wait_up("a")
        self.assertEqual(s.events("shim"), [])

    def test_a_shim_that_cannot_be_executed_leaves_the_old_one_at_work(self):
        """issue 3, 1: an upgrade that went wrong"""
        s = self.fleet()
        pid, shim = s.wait_up("a")["pid"], s.shim()
        s.kill9()
        target = os.path.join(s.bin, "nova-shim")
        os.unlink(target)
        with open(target, "w") as f:
            f.write("no program\n")
        os.chmod(target, 0o755)
        s.start()
        until(lambda: [e for e in s.events("supervisor.trouble") if "cannot reexec" in e["message"]], lambda: s.events())
        self.assertEqual((s.row("a")["pid"], s.shim()), (pid, shim))
        s.ok("restart", "a")
        s.wait_new_pid("a", pid)
        s.stop()

    def test_orders_given_while_the_shim_becomes_another_are_all_carried_out(self):
        """issue 3, 1: nothing that was ordered is lost"""
        s = self.fleet(lambda s: {f"w{n}": steady(autostart=False) for n in range(40)})
        for number in range(3):
            s.kill9()
            self.install(s, "nova-shim")
            s.launch()

            def ordered():
                try:
                    return s.api("POST", "/v1/actions", {"targets": ["*"], "action": "start", "wait": False})[0] == 200
                except OSError:
                    return False
            until(ordered, "the order is taken")
            for n in range(40):
                s.wait_up(f"w{n}")
            until(lambda: self.runs_installed(s), "it was renewed")
            s.ok("stop", "--all", "-y")
            self.assertEqual([r["pid"] for r in s.rows() if r["pid"]], [])


class RollingRestart(SystemTest):
    def test_a_rolling_restart_goes_on_after_kill_9_of_the_supervisor(self):
        """issue 3, 1: operations continue where they were"""
        s = self.prepare()
        s.configure({"a": py(NOTIFY + f"wait_for('{s.path('go')}.' + sys.argv[1]); notify('READY=1'); time.sleep(1000)",
                             ready="notify", instances=3, start_timeout="10m")})
        spec = s.workers["a"]
        spec["command"] = spec["command"] + ["%i"]
        s.configure({"a": spec})
        for number in (1, 2, 3):
            s.touch(f"go.{number}")
        s.start()
        before = {number: s.wait_state("a", "ready", instance=number)["pid"] for number in (1, 2, 3)}
        os.remove(s.path("go.1"))
        order = s.begin("restart", "--rolling", "a", "--no-wait")
        self.assertExit(s.finish(order), 0)
        until(lambda: s.row("a")["pid"] not in (None, before[1]), "the first was restarted and is not ready")
        s.kill9()
        s.start()
        self.assertEqual([s.row("a", n)["pid"] for n in (2, 3)], [before[2], before[3]], "the others wait for it")
        first = s.row("a")["pid"]
        s.touch("go.1")
        for number in (2, 3):
            s.wait_new_pid("a", before[number], instance=number)
            s.wait_state("a", "ready", instance=number)
        until(lambda: s.events("worker.rolled"), "it came to its end")
        self.assertEqual(s.row("a")["pid"], first, "the first was restarted once")
        self.assertEqual(s.sql("SELECT rolling FROM worker WHERE name = 'a'"), [(None,)])


class Operations(SystemTest):
    def test_a_scale_that_was_answered_goes_on_after_kill_9_at_once(self):
        """issue 3, 1: scale operations continue where they were"""
        s = self.run_with({"a": steady(max_instances=8)})
        first = s.wait_up("a")["pid"]
        for count in (6, 2, 5):
            status, body = s.api("POST", "/v1/actions", {"counts": {"a": count}, "targets": [], "action": "scale", "wait": False})
            self.assertEqual(status, 200, body)
            s.kill9()
            s.start()
            until(lambda: sorted(s.pids("a")) == list(range(1, count + 1)), lambda: s.rows("a"))
            self.assertEqual(s.row("a")["pid"], first)
            until(lambda: not s.group("a", count + 1), "those that are too many leave no group")


class RefusedBooking(SystemTest):
    def test_a_final_booking_that_the_ledger_rejects_is_said_and_holds_nothing_up(self):
        """docs: a write that breaks an invariant is left out and reported, its neighbours go through"""
        s = self.run_with({"a": steady(backoff=QUICK), "b": steady(backoff=QUICK)})
        pids = {name: s.wait_up(name)["pid"] for name in "ab"}
        import sqlite3
        with sqlite3.connect(os.path.join(s.state, "nova.db"), timeout=30) as database:
            database.execute(
                "CREATE TRIGGER refuse BEFORE UPDATE OF ended_usec ON incarnation"
                " WHEN NEW.worker = 'a' AND NEW.ended_usec IS NOT NULL"
                " BEGIN SELECT RAISE(ABORT, 'refused by a test'); END")
        database.close()
        for name in "ab":
            signal_pid(pids[name])
        for name in "ab":
            s.wait_new_pid(name, pids[name])
        until(lambda: [e for e in s.events("supervisor.trouble") if "refused" in e["message"]], lambda: s.events())
        self.assertEqual(s.row("a")["crashes"], 1)
        until(lambda: s.sql("SELECT count(*) FROM incarnation WHERE worker = 'b' AND ended_usec IS NOT NULL") == [(1,)],
              "the neighbour's life is booked")
        self.assertIsNone(s.process.poll())
        self.assertFalse([path for path in (s.group("a"),) if path and len(s.members("a")) != 1])
