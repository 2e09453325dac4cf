"""Start and readiness (peers.md 3b rows 1 to 15; issue 2: lifecycle)."""

from harness import (
    LISTEN, NEVER, NOTIFY, QUICK, SystemTest, alive, argv, environ, free_port, lines, py, sh, steady, until)
import os
import socket


class Start(SystemTest):
    def test_a_second_start_is_a_no_op_and_leaves_one_process(self):
        """row 1"""
        s = self.run_with({"a": steady(autostart=False)})
        s.ok("start", "a")
        pid = s.wait_up("a")["pid"]
        self.assertIn("unchanged", s.ok("start", "a"))
        self.assertEqual(s.row("a")["pid"], pid)
        self.assertEqual(s.members("a"), [pid])
        self.assertEqual(s.starts_of("a"), 1)

    def test_autostart_false_stays_down_until_it_is_started(self):
        """issue 2: configuration exactly as in interface.md"""
        s = self.run_with({"a": steady(autostart=False), "b": steady()})
        s.wait_up("b")
        self.assertEqual(s.state_of("a"), "stopped")
        self.assertIn("a@1", s.ok("start", "a"))
        self.assertIn(s.state_of("a"), ("running", "ready"))

    def test_a_missing_command_fails_at_once_with_stage_and_error(self):
        """row 2"""
        s = self.run_with({"a": argv("/nonexistent/program", autostart=False, backoff=NEVER)})
        self.assertExit(s.cli("start", "a"), 1, "exec", "No such file or directory", "/nonexistent/program")
        row = s.row("a")
        self.assertEqual(row["reason"], "exec_failed")
        self.assertNotIn(row["state"], ("running", "ready"))
        self.assertIsNone(row["pid"])
        self.assertNoGroup(s, "a")

    def test_a_missing_command_makes_no_restart_storm(self):
        """row 2"""
        s = self.run_with({"a": argv("/nonexistent/program", backoff=QUICK, max_crashes=3, max_cooldowns=0)})
        s.wait_state("a", "failed")
        self.assertEqual(len(s.events("instance.starting", "a")), 3)

    def test_a_program_that_cannot_be_executed_says_so(self):
        """row 15"""
        s = self.prepare()
        path = s.touch("plain")
        os.chmod(path, 0o644)
        s.configure({"a": argv(path, autostart=False, backoff=NEVER)})
        s.start()
        self.assertExit(s.cli("start", "a"), 1, "exec", "Permission denied")

    def test_a_missing_directory_is_its_own_stage(self):
        """row 15"""
        s = self.run_with({"a": steady(directory="/nonexistent/place", autostart=False, backoff=NEVER)})
        self.assertExit(s.cli("start", "a"), 1, "directory", "No such file or directory")

    def test_an_unknown_user_is_named(self):
        """row 15"""
        s = self.run_with({"a": steady(user="no-such-user-here", autostart=False, backoff=NEVER)})
        self.assertExit(s.cli("start", "a"), 1, "no-such-user-here")
        self.assertNotIn(s.state_of("a"), ("running", "ready"))

    def test_an_exit_in_the_okay_window_fails_the_start_with_code_and_last_lines(self):
        """row 3"""
        s = self.run_with({"a": sh("echo my last words; exit 3", autostart=False, backoff=NEVER)})
        self.assertExit(s.cli("start", "a"), 1, "exit 3", "my last words")
        row = s.wait_state("a", "backoff")
        self.assertEqual(row["last_exit"]["code"], 3)
        self.assertEqual(row["reason"], "exit_failed")

    def test_an_early_exit_with_restart_never_is_not_restarted(self):
        """row 4"""
        s = self.run_with({"a": sh("exit 3", autostart=False, restart="never", backoff=QUICK)})
        self.assertExit(s.cli("start", "a"), 1, "exit 3")
        self.assertEqual(s.wait_state("a", "failed")["restarts_total"], 0)
        self.assertEqual(s.starts_of("a"), 1)

    def test_a_stop_while_the_start_is_pending_ends_it_with_an_error(self):
        """row 5"""
        s = self.prepare()
        s.configure({"a": sh(f"echo $$ > {s.path('pid')}; sleep 1000; touch {s.path('done')}",
                             ready="notify", autostart=False)})
        s.start()
        pending = s.begin("start", "a")
        until(lambda: lines(s.path("pid")), "the worker began")
        self.assertEqual(s.state_of("a"), "starting")
        s.ok("stop", "a")
        answer = s.finish(pending)
        self.assertExit(answer, 1, "stop")
        self.assertFalse(alive(int(lines(s.path("pid"))[0])))
        self.assertFalse(os.path.exists(s.path("done")))
        self.assertEqual(s.state_of("a"), "stopped")

    def test_readiness_that_never_comes_ends_in_start_timeout(self):
        """row 6"""
        s = self.run_with({"a": steady(ready="notify", start_timeout="500ms", autostart=False, max_crashes=1,
                                       max_cooldowns=0)})
        self.assertExit(s.cli("start", "a"), 1, "start_timeout")
        row = s.wait_state("a", "failed")
        self.assertEqual(row["reason"], "start_timeout")
        self.assertNoGroup(s, "a")

    def test_a_worker_that_ignores_the_stop_signal_is_killed_after_its_start_timeout(self):
        """row 6"""
        s = self.run_with({"a": sh("trap '' TERM; while :; do sleep 0.1; done", ready="notify", start_timeout="300ms",
                                   stop_timeout="300ms", autostart=False, max_crashes=1, max_cooldowns=0)})
        self.assertExit(s.cli("start", "a"), 1)
        row = s.wait_state("a", "failed")
        self.assertEqual(row["reason"], "start_timeout")
        self.assertEqual(row["last_exit"]["signal"], 9)
        self.assertNoGroup(s, "a")

    def test_a_start_timeout_keeps_hard_dependents_down_and_not_soft_ones(self):
        """row 6"""
        s = self.run_with({
            "base": steady(ready="notify", start_timeout="500ms", max_crashes=1, max_cooldowns=0),
            "hard": steady(requires=["base"]), "soft": steady(after=["base"])})
        s.wait_state("base", "failed")
        s.wait_up("soft")
        self.assertNotIn(s.state_of("hard"), ("running", "ready"))
        self.assertEqual(s.starts_of("hard"), 0)


class Readiness(SystemTest):
    def test_a_line_of_output_makes_it_ready_and_its_dependent_starts_only_then(self):
        """row 8"""
        s = self.prepare()
        s.configure({
            "base": sh(f"echo booting; until [ -e {s.path('go')} ]; do sleep 0.05; done; echo server is ready on 80;"
                       " sleep 1000", ready={"log": "is ready on [0-9]+"}),
            "hard": steady(requires=["base"])})
        s.start()
        until(lambda: "booting" in s.ok("logs", "base"), "base said that it boots")
        self.assertEqual(s.state_of("base"), "starting")
        self.assertEqual(s.starts_of("hard"), 0)
        s.touch("go")
        s.wait_state("base", "ready")
        s.wait_up("hard")
        order = [e["worker"] for e in s.events("instance") if e["type"] in ("instance.ready", "instance.started")]
        self.assertLess(order.index("base"), order.index("hard"))

    def test_a_worker_that_ends_before_it_is_ready_keeps_its_dependent_down(self):
        """row 9"""
        s = self.run_with({
            "base": sh("echo no; exit 1", ready={"log": "ready"}, restart="never", autostart=False),
            "hard": steady(requires=["base"], autostart=False)})
        self.assertExit(s.cli("start", "hard", "--timeout", "15s"), 1, "base")
        s.wait_state("base", "failed")
        self.assertEqual(s.starts_of("hard"), 0)

    def test_three_staggered_starts_are_answered_each_with_its_own_worker(self):
        """row 10"""
        s = self.prepare()
        s.configure({name: py(NOTIFY + f"wait_for('{s.path(name)}'); notify('READY=1'); time.sleep(1000)",
                              ready="notify", autostart=False) for name in "abc"})
        s.start()
        pending = {name: s.begin("start", name) for name in "abc"}
        for name in "cab":
            until(lambda: s.state_of(name) == "starting", f"{name} is starting")
            s.touch(name)
            answer = s.finish(pending.pop(name))
            self.assertExit(answer, 0, f"{name}@1", "ready")
            for other in pending:
                self.assertNotIn(f"{other}@1", answer.out)
                self.assertIsNone(pending[other].poll())

    def test_READY_1_by_notify_makes_it_ready(self):
        """issue 2: readiness (notify)"""
        s = self.prepare()
        s.configure({"a": py(NOTIFY + f"wait_for('{s.path('go')}'); notify('READY=1\\nSTATUS=serving 3 clients');"
                             "time.sleep(1000)", ready="notify")})
        s.start()
        s.wait_state("a", "starting")
        until(lambda: s.row("a")["pid"], "it has a process")
        self.assertEqual(s.state_of("a"), "starting")
        s.touch("go")
        s.wait_state("a", "ready")
        until(lambda: s.row("a")["status_text"] == "serving 3 clients", "the status is shown")

    def test_EXTEND_TIMEOUT_USEC_gives_a_start_more_time(self):
        """architecture: EXTEND_TIMEOUT_USEC="""
        s = self.run_with({"a": py(NOTIFY + "notify('EXTEND_TIMEOUT_USEC=20000000'); time.sleep(2);"
                                   "notify('READY=1'); time.sleep(1000)", ready="notify", start_timeout="1s")})
        s.wait_state("a", "ready")
        self.assertEqual(s.starts_of("a"), 1)

    def test_READY_1_of_a_child_in_the_group_counts(self):
        """issue 2: readiness (notify); architecture: sender by cgroup"""
        s = self.run_with({"a": py(NOTIFY + "pid = os.fork()\nif pid == 0: notify('READY=1')\ntime.sleep(1000)",
                                   ready="notify")})
        s.wait_state("a", "ready")

    def test_READY_1_of_a_process_outside_is_ignored(self):
        """row 11"""
        s = self.prepare()
        s.configure({"a": py(NOTIFY + f"wait_for('{s.path('say')}'); notify('STATUS=mark');"
                             f"wait_for('{s.path('go')}'); notify('READY=1'); time.sleep(1000)", ready="notify")})
        s.start()
        pid = until(lambda: s.row("a") and s.row("a")["pid"], "it has a process")
        address = until(lambda: environ(pid).get("NOTIFY_SOCKET"), "it was told its socket")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as foreign:
            foreign.connect("\0" + address[1:] if address.startswith("@") else address)
            foreign.send(b"READY=1\nSTATUS=forged")
            # Datagrams of one socket arrive in order: when the mark is there, the forged one was judged.
            s.touch("say")
            until(lambda: s.row("a")["status_text"] == "mark", "the worker's own status arrived")
        self.assertEqual(s.state_of("a"), "starting")
        s.touch("go")
        s.wait_state("a", "ready")

    def test_a_port_that_opens_makes_it_ready(self):
        """issue 2: readiness (tcp)"""
        s = self.prepare()
        port = free_port()
        s.configure({"a": py(NOTIFY + f"""
wait_for('{s.path('go')}')
l = socket.socket(); l.bind(('127.0.0.1', {port})); l.listen()
while True: l.accept()""", ready={"tcp": port})})
        s.start()
        until(lambda: s.row("a")["pid"], "it has a process")
        self.assertEqual(s.state_of("a"), "starting")
        s.touch("go")
        s.wait_state("a", "ready")

    def test_a_url_counts_as_ready_only_when_it_answers_well(self):
        """issue 2: readiness (http)"""
        s = self.prepare()
        port = free_port()
        s.touch("bad")
        s.configure({"a": py(LISTEN + f"serve({port}, '{s.path('bad')}')",
                             ready={"http": f"http://127.0.0.1:{port}/"})})
        s.start()

        def answers():
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    return True
            except OSError:
                return False
        until(answers, "the worker listens")
        self.assertEqual(s.state_of("a"), "starting")
        os.remove(s.path("bad"))
        s.wait_state("a", "ready")
