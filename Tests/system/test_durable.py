"""What survives: pause, desired state, a crash of the supervisor, a hand-over, the loss of the shim.

peers.md 3b rows 20, 68 to 77, 90 and 92; architecture, rules 5 to 9."""

import os
import signal
import socket
import threading
import time

from harness import (
    NEVER, NOTIFY, PATIENCE, QUICK, SystemTest, alive, lines, members, py, read, remains, sh, signal_pid, steady, until)


class Pause(SystemTest):
    def test_pause_freezes_every_process_and_resume_thaws_them(self):
        """issue 2: pause/resume by freezing"""
        s = self.prepare()
        s.configure({"a": sh(f"while :; do echo x >> {s.path('ticks')}; sleep 0.05; done")})
        s.start()
        until(lambda: len(lines(s.path("ticks"))) > 2, "it ticks")
        pid = s.row("a")["pid"]
        s.ok("pause", "a", "--reason", "lunch")
        self.assertEqual(s.state_of("a"), "paused")
        self.assertEqual(read(os.path.join(s.group("a"), "cgroup.freeze")).strip(), "1")
        self.assertIn("frozen 1", read(os.path.join(s.group("a"), "cgroup.events")))
        self.assertEqual(s.detail("a")["pause_reason"], "lunch")
        count = len(lines(s.path("ticks")))
        remains(lambda: len(lines(s.path("ticks"))) == count, "nothing runs while it is paused", 0.3)
        s.ok("resume", "a")
        until(lambda: len(lines(s.path("ticks"))) > count + 2, "it ticks again")
        self.assertEqual((s.row("a")["pid"], s.row("a")["crashes"]), (pid, 0))

    def test_pause_and_resume_twice_are_no_ops(self):
        """interface.md: idempotent"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        s.ok("pause", "a"), s.ok("pause", "a")
        self.assertEqual(s.state_of("a"), "paused")
        s.ok("resume", "a"), s.ok("resume", "a")
        s.wait_up("a")

    def test_a_pause_of_what_is_down_says_so_and_holds_its_next_start(self):
        """issue 2: pause is durable; interface.md: one result line per target"""
        s = self.run_with({"a": steady(autostart=False)})
        self.assertIn("nothing runs; the pause is kept and holds its next start", s.ok("pause", "a"))
        self.assertExit(s.cli("start", "a"), 8, "it is paused (novasup resume a)")
        s.ok("resume", "a")
        s.wait_up("a")

    def test_a_pause_holds_over_kill_9_and_restart_of_the_supervisor(self):
        """architecture, rule 6: paused stays paused"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        s.ok("pause", "a")
        s.kill9()
        self.assertEqual(read(os.path.join(s.group("a"), "cgroup.freeze")).strip(), "1")
        s.start()
        row = s.wait_state("a", "paused")
        self.assertEqual(row["pid"], pid)
        self.assertIn("frozen 1", read(os.path.join(s.group("a"), "cgroup.events")))
        s.ok("resume", "a")
        self.assertEqual(s.wait_up("a")["pid"], pid)

    def test_a_pause_holds_over_a_full_stop_and_start(self):
        """architecture, rule 6: paused stays paused"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        s.ok("pause", "a")
        s.stop()
        s.start()
        self.assertEqual(s.wait_state("a", "paused")["state"], "paused")
        s.ok("resume", "a")
        s.wait_up("a")


class Wanted(SystemTest):
    def test_stopped_stays_stopped_over_a_restart(self):
        """architecture, rule 6"""
        s = self.run_with({"a": steady(), "b": steady()})
        s.wait_up("a"), s.wait_up("b")
        s.ok("stop", "a")
        s.stop()
        s.start()
        s.wait_up("b")
        self.assertEqual(s.state_of("a"), "stopped")
        s.kill9()
        s.start()
        s.wait_up("b")
        self.assertEqual(s.state_of("a"), "stopped")

    def test_started_stays_started_over_a_restart(self):
        """architecture, rule 6"""
        s = self.run_with({"a": steady(autostart=False)})
        s.ok("start", "a")
        s.stop()
        s.start()
        s.wait_up("a")

    def test_scaled_stays_scaled_over_a_restart(self):
        """architecture, rule 6"""
        s = self.run_with({"a": steady()})
        s.ok("scale", "a=3")
        s.stop()
        s.start()
        until(lambda: len(s.pids("a")) == 3, lambda: s.rows("a"))

    def test_a_clean_stop_leaves_no_mark_of_a_crash(self):
        """row 73"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        s.stop()
        s.start()
        row = s.wait_up("a")
        self.assertEqual((row["crashes"], row["state"]), (0, "running"))
        self.assertEqual([e for e in s.events() if e["severity"] in ("critical", "warning") and e["worker"]], [])


class SupervisorCrash(SystemTest):
    def test_after_kill_9_the_same_processes_are_adopted(self):
        """row 68"""
        s = self.run_with({"a": steady(), "b": steady(instances=3)})
        s.wait_up("a")
        for number in (1, 2, 3):
            s.wait_up("b", number)
        before = {**{("a", n): p for n, p in s.pids("a").items()}, **{("b", n): p for n, p in s.pids("b").items()}}
        shim = s.shim()
        s.kill9()
        self.assertEqual([pid for pid in before.values() if not alive(pid)], [])
        s.start()
        for (name, number), pid in before.items():
            self.assertEqual(s.wait_up(name, number)["pid"], pid)
        self.assertEqual(s.shim(), shim)
        self.assertIn("unchanged", s.ok("start", "a"))
        s.ok("stop", "a")
        self.assertFalse(alive(before["a", 1]))

    def test_an_adopted_worker_is_ready_still_and_keeps_its_start_time(self):
        """row 68"""
        s = self.run_with({"a": py(NOTIFY + "notify('READY=1'); time.sleep(1000)", ready="notify")})
        before = s.wait_state("a", "ready")
        s.kill9()
        s.start()
        after = s.wait_state("a", "ready")
        self.assertEqual((after["pid"], after["started_at"]), (before["pid"], before["started_at"]))
        self.assertEqual(after["restarts_total"], 0)

    def test_an_exit_while_no_supervisor_ran_is_delivered_with_its_exact_status(self):
        """row 69"""
        s = self.prepare()
        s.configure({name: sh(f"until [ -e {s.path('go')} ]; do sleep 0.02; done; {end}", backoff=NEVER)
                     for name, end in (("code", "exit 37"), ("signal", "kill -SEGV $$"))})
        s.start()
        pids = [s.wait_up(name)["pid"] for name in ("code", "signal")]
        s.kill9()
        s.touch("go")
        until(lambda: not any(alive(pid) for pid in pids), "both ended")
        s.start()
        self.assertEqual(s.wait_state("code", "backoff")["last_exit"]["code"], 37)
        self.assertEqual(s.wait_state("signal", "backoff")["last_exit"]["signal"], signal.SIGSEGV)
        self.assertEqual(s.row("code")["crashes"], 1)

    def test_a_worker_that_died_meanwhile_is_restarted_by_its_policy(self):
        """row 69"""
        s = self.run_with({"a": steady(backoff=QUICK)})
        pid = s.wait_up("a")["pid"]
        s.kill9()
        signal_pid(pid)
        until(lambda: not alive(pid), "it is dead")
        s.start()
        row = s.wait_new_pid("a", pid)
        self.assertEqual((row["crashes"], row["last_exit"]["signal"]), (1, 9))

    def test_the_death_of_an_adopted_worker_is_seen_with_its_exit_code(self):
        """row 70"""
        s = self.prepare()
        s.configure({"a": sh(f"until [ -e {s.path('go')} ]; do sleep 0.02; done; exit 23", backoff=NEVER)})
        s.start()
        s.wait_up("a")
        s.kill9()
        s.start()
        s.wait_up("a")
        s.touch("go")
        self.assertEqual(s.wait_state("a", "backoff")["last_exit"]["code"], 23)

    def test_the_crash_counter_survives_and_reaches_the_limit(self):
        """rows 20, 90"""
        s = self.prepare()
        s.configure({"a": sh("exit 1", max_crashes=4, max_cooldowns=0,
                             backoff={"delay": "1500ms", "factor": 1, "max": "1500ms", "jitter": "0%"})})
        s.start()
        until(lambda: s.row("a")["crashes"] >= 2, "two crashes")
        s.kill9()
        s.start()
        self.assertGreaterEqual(s.row("a")["crashes"], 2)
        s.wait_state("a", "failed")
        self.assertEqual(s.starts_of("a"), 4)

    def test_a_cooldown_goes_on_with_what_was_left_of_it(self):
        """row 90"""
        s = self.run_with({"a": sh("exit 1", max_crashes=1, cooldown="10m")})
        first = s.wait_state("a", "cooldown")["cooldown_remaining_seconds"]
        until(lambda: s.row("a")["cooldown_remaining_seconds"] < first, "time passes")
        s.kill9()
        s.start()
        row = s.wait_state("a", "cooldown")
        self.assertLess(row["cooldown_remaining_seconds"], first)
        self.assertGreater(row["cooldown_remaining_seconds"], 500)
        self.assertEqual(s.starts_of("a"), 1)

    def test_what_a_worker_says_while_no_supervisor_runs_waits_for_the_next(self):
        """architecture: datagrams sent while the brain is away wait in the queue"""
        s = self.prepare()
        s.configure({"a": py(NOTIFY + f"wait_for('{s.path('go')}'); notify('STATUS=said meanwhile');"
                             f"open('{s.path('sent')}', 'w'); time.sleep(1000)")})
        s.start()
        s.wait_up("a")
        s.kill9()
        s.touch("go")
        until(lambda: os.path.exists(s.path("sent")), "it was sent")
        s.start()
        until(lambda: s.row("a")["status_text"] == "said meanwhile", lambda: s.row("a"))

    def test_output_written_while_no_supervisor_runs_is_not_lost(self):
        """architecture: logs never through the brain"""
        s = self.prepare()
        s.configure({"a": sh(f"echo one; until [ -e {s.path('go')} ]; do sleep 0.02; done; echo two;"
                             f"touch {s.path('done')}; exec sleep 1000")})
        s.start()
        s.wait_up("a")
        s.kill9()
        s.touch("go")
        until(lambda: os.path.exists(s.path("done")), "it wrote")
        s.start()
        self.assertEqual(s.ok("logs", "a@1").splitlines(), ["one", "two"])

    def test_ten_crashes_in_a_row_disturb_no_worker(self):
        """row 68"""
        s = self.run_with({"a": steady(instances=2)})
        s.wait_up("a"), s.wait_up("a", 2)
        before = s.pids("a")
        for _ in range(10):
            s.kill9()
            s.start()
        until(lambda: s.pids("a") == before, lambda: s.rows("a"))
        self.assertEqual(s.starts_of("a"), 2)

    def test_kill_9_at_any_moment_around_a_start_makes_one_process(self):
        """rows 1, 68: never two incarnations"""
        s = self.prepare()
        s.configure({"a": sh(f"echo $$ >> {s.path('pids')}; exec sleep 1000", autostart=False)})
        s.start()
        for number in range(14):
            s.api("POST", "/v1/actions", {"targets": ["a"], "action": "start", "wait": False})
            deadline = time.monotonic() + number * 0.001
            while time.monotonic() < deadline:
                pass
            s.kill9()
            s.start()
            # Whether an order survives is another test's question: here it is given again.
            s.ok("start", "a", "--no-wait")
            pid = s.wait_up("a")["pid"]
            until(lambda: int((lines(s.path("pids")) or ["0"])[-1]) == pid, "the worker wrote its pid")
            living = [int(line) for line in lines(s.path("pids")) if alive(int(line))]
            self.assertEqual(living, [pid])
            self.assertEqual(s.members("a"), [pid])
            s.ok("stop", "a")
        self.assertEqual(s.events("instance.lost"), [])
        self.assertEqual(s.row("a")["crashes"], 0)

    def test_an_order_that_was_answered_survives_a_kill_9_at_once(self):
        """architecture, rule 6: desired state is durable; docs: an answer means durable"""
        s = self.run_with({"a": steady(autostart=False)})
        lost = []
        for number in range(8):
            verb = "stop" if number % 2 else "start"
            answer = s.api("POST", "/v1/actions", {"targets": ["a"], "action": verb, "wait": False})
            self.assertEqual(answer[0], 200, answer)
            s.kill9()
            s.start()
            if s.detail("a")["wanted"] != (verb == "start"):
                lost.append(f"{number}: {verb}")
                s.ok(verb, "a")
        self.assertEqual(lost, [])

    def test_a_stop_that_was_under_way_is_finished_by_the_next_supervisor(self):
        """rows 38, 68"""
        s = self.prepare()
        s.configure({"a": sh(f"trap '' TERM; touch {s.path('up')}; while :; do sleep 0.05; done", stop_timeout="1s")})
        s.start()
        until(lambda: os.path.exists(s.path("up")), "it ignores the signal")
        s.ok("stop", "a", "--no-wait")
        s.wait_state("a", "stopping")
        s.kill9()
        s.start()
        s.wait_state("a", "stopped")
        self.assertNoGroup(s, "a")
        self.assertEqual(s.starts_of("a"), 1)


class HandOver(SystemTest):
    def test_an_order_in_flight_is_done_and_says_so_or_is_not_done(self):
        """issue 3: a hand-over loses no order, and 503 means that nothing was done"""
        s = self.run_with({name: steady(autostart=False) for name in "abcdefgh"})
        outcomes = {}

        def order(name):
            try:
                outcomes[name] = s.api("POST", "/v1/actions", {"action": "start", "targets": [name], "wait": False})[0]
            except OSError:
                outcomes[name] = None

        for name in "abcdefgh":
            thread = threading.Thread(target=order, args=(name,))
            thread.start()
            s.process.send_signal(signal.SIGUSR2)
            thread.join()
            self.assertEqual(s.process.wait(PATIENCE), 0)
            s.start()
        for name, status in outcomes.items():
            if status == 200:
                s.wait_up(name)
            elif status == 503:
                self.assertEqual(s.row(name)["state"], "stopped", outcomes)

    def test_SIGUSR2_ends_the_supervisor_and_keeps_every_process(self):
        """row 106; issue 2: hand-over"""
        s = self.run_with({"a": steady(), "b": steady()})
        before = [s.wait_up(name)["pid"] for name in "ab"]
        shim = s.shim()
        self.assertEqual(s.ask_to_end(signal.SIGUSR2), 0)
        self.assertEqual([pid for pid in before if not alive(pid)], [])
        s.start()
        self.assertEqual([s.wait_up(name)["pid"] for name in "ab"], before)
        self.assertEqual(s.shim(), shim)
        self.assertEqual([s.row(name)["restarts_total"] for name in "ab"], [0, 0])


class ShimLoss(SystemTest):
    def test_after_kill_9_of_the_shim_workers_are_restarted_and_nothing_of_the_old_is_left(self):
        """architecture: the brain reports the workers lost and starts them by policy"""
        s = self.prepare()
        s.configure({"a": sh("sleep 1000 & exec sleep 1000", backoff=QUICK), "b": steady(backoff=QUICK)})
        s.start()
        before = {name: s.wait_up(name)["pid"] for name in "ab"}
        old = until(lambda: len(s.members("a")) == 2 and s.members("a") + s.members("b"), "all live")
        shim = s.shim()
        signal_pid(shim)
        for name in "ab":
            s.wait_new_pid(name, before[name])
        self.assertEqual([pid for pid in old if alive(pid)], [])
        self.assertNotEqual(s.shim(), shim)
        self.assertTrue([e for e in s.events() if "lost" in e["type"] + e["message"]], "it says that they were lost")
        self.assertEqual([s.row(name)["crashes"] for name in "ab"], [0, 0])

    def test_shim_and_supervisor_dead_at_once_leave_nothing_of_the_old_after_the_next_start(self):
        """architecture, rule 1"""
        s = self.run_with({"a": steady(backoff=QUICK)})
        pid = s.wait_up("a")["pid"]
        s.kill9()
        signal_pid(s.shim())
        until(lambda: not s.shims(), "the shim is gone")
        s.start()
        s.wait_new_pid("a", pid)
        self.assertFalse(alive(pid))
        self.assertEqual(len(s.members("a")), 1)


class Booking(SystemTest):
    def test_an_exit_between_two_supervisors_is_booked_once_and_exactly(self):
        """row 92; architecture, rule 9"""
        s = self.prepare()
        s.configure({"a": py(f"""
import os, time
def burn(seconds):
    while time.process_time() < seconds: pass
for _ in range(2):
    if os.fork() == 0:
        if os.fork() == 0:
            burn(0.3); os._exit(0)
        os.wait(); os._exit(0)
for _ in range(2): os.wait()
while not os.path.exists('{s.path('go')}'): time.sleep(0.02)
burn(0.2); os._exit(5)""", backoff=NEVER)})
        s.start()
        pid = s.wait_up("a")["pid"]
        group = s.group("a")
        self.assertIsNotNone(group, "there is a cgroup")
        s.kill9()
        s.touch("go")
        until(lambda: not alive(pid) and members(group) == [], "it ended and its group is empty")
        final = dict(line.split() for line in lines(os.path.join(group, "cpu.stat")))
        s.start()
        s.wait_state("a", "backoff")
        until(lambda: not os.path.isdir(group), "the group is gone once its usage is booked")
        rows = s.sql("SELECT cpu_usec, exit_status, ended_usec FROM incarnation WHERE worker = 'a'")
        self.assertEqual(len(rows), 1)
        self.assertEqual(rows[0][:2], (int(final["usage_usec"]), "exited 5"))
        self.assertIsNotNone(rows[0][2])
        self.assertGreaterEqual(rows[0][0], 700_000, "the grandchildren are in it")
        self.assertEqual(s.sql("SELECT sum(cpu_usec) FROM usage_booking"), [(rows[0][0],)])
        s.kill9()
        s.start()
        s.wait_state("a", "backoff")
        self.assertEqual(s.sql("SELECT sum(cpu_usec) FROM usage_booking"), [(rows[0][0],)])
        self.assertEqual(s.row("a")["crashes"], 1)

    def test_kill_9_at_any_moment_around_an_exit_loses_neither_status_nor_count(self):
        """row 92; architecture: no exit status is lost; rule 3: counters persist"""
        s = self.run_with({"a": steady(backoff=QUICK, max_crashes=1000)})
        rounds = 16
        for number in range(rounds):
            pid = s.wait_up("a")["pid"]
            signal_pid(pid, signal.SIGKILL)
            # From before the exit is noticed to after it was booked: each round 2 ms later.
            deadline = time.monotonic() + number * 0.002
            while time.monotonic() < deadline:
                pass
            s.kill9()
            s.start()
            s.wait_new_pid("a", pid)
        self.assertEqual(s.events("instance.lost"), [])
        row = s.row("a")
        self.assertEqual((row["crashes"], row["last_exit"]["signal"]), (rounds, 9))
        s.ok("stop", "a")
        until(lambda: s.sql("SELECT count(*) FROM incarnation WHERE ended_usec IS NULL") == [(0,)], "all are booked")
        self.assertEqual(s.sql("SELECT exit_status, count(*) FROM incarnation GROUP BY 1 ORDER BY 1"),
                         [("signaled 15", 1), ("signaled 9", rounds)])
        self.assertEqual(s.sql("SELECT sum(cpu_usec) FROM usage_booking"), s.sql("SELECT sum(cpu_usec) FROM incarnation"))

    def test_the_bookings_of_many_lives_add_up(self):
        """row 92; docs: the books agree"""
        s = self.run_with({"a": sh("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 1", backoff=QUICK,
                                   max_crashes=4, max_cooldowns=0)})
        s.wait_state("a", "failed")
        until(lambda: s.sql("SELECT count(*) FROM incarnation WHERE ended_usec IS NOT NULL") == [(4,)], "four lives")
        self.assertEqual(s.sql("SELECT count(*) FROM incarnation"), [(4,)])
        self.assertEqual(
            s.sql("SELECT sum(cpu_usec), sum(cost_micro) FROM usage_booking"),
            s.sql("SELECT sum(cpu_usec), sum(cost_micro) FROM incarnation"))
        self.assertEqual(
            s.sql("SELECT incarnations, cpu_usec, cost_micro FROM instance_usage WHERE worker = 'a'"),
            s.sql("SELECT 4, sum(cpu_usec), sum(cost_micro) FROM incarnation"))
        self.assertGreater(s.sql("SELECT min(cpu_usec) FROM incarnation")[0][0], 0)


class OneSupervisor(SystemTest):
    def test_a_second_supervisor_on_the_same_runtime_directory_is_refused(self):
        """issue 2, Real input 4: a second supervisor"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        other = self.prepare({"b": steady()})
        other.runtime = s.runtime
        answer = other.launch_and_fail()
        self.assertExit(answer, 1, "another supervisor runs", s.runtime)
        self.assertEqual(s.row("a")["pid"], pid)

    def test_a_second_supervisor_on_the_same_state_directory_is_refused(self):
        """issue 2, Real input 4; docs: an flock lets one supervisor at a time in"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        other = self.prepare({"b": steady()})
        other.state = s.state
        answer = other.launch_and_fail()
        self.assertExit(answer, 1, s.state)
        until(lambda: not other.shims(), "it leaves no shim behind")
        self.assertEqual(len(s.rows()), 1)

    def test_a_stale_socket_is_replaced(self):
        """issue 2, Real input 4: a stale socket"""
        s = self.prepare({"a": steady()})
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stale:
            stale.bind(s.socket)
        s.start()
        s.wait_up("a")

    def test_a_plain_file_in_the_place_of_the_socket_is_not_destroyed_without_a_word(self):
        """issue 2, Real input 4: a stale socket"""
        s = self.prepare({"a": steady()})
        with open(s.socket, "w") as f:
            f.write("precious")
        answer = s.launch_and_fail()
        self.assertExit(answer, 1, s.socket)
        self.assertEqual(read(s.socket), "precious")
        remains(lambda: not s.shims(), "no shim is left behind", 0.2)
