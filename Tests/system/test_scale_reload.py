"""Scaling and reload (peers.md 3b rows 52 to 61)."""

import os
import shutil

from harness import QUICK, SystemTest, alive, argv, environ, lines, sh, signal_pid, steady, until
import signal


class Scale(SystemTest):
    def up(self, supervisor, name, count):
        return until(lambda: len([r for r in supervisor.rows(name) if r["state"] in ("running", "ready")]) == count
                     and supervisor.pids(name), lambda: f"{count} of {name} run: {supervisor.rows(name)}")

    def test_2_to_5_to_1_keeps_the_lowest_and_the_highest_go_first(self):
        """row 52"""
        s = self.run_with({"a": steady(instances=2)})
        two = self.up(s, "a", 2)
        self.assertEqual(s.ok("scale", "a=5").strip(), "a 2 5")
        five = self.up(s, "a", 5)
        self.assertEqual({n: five[n] for n in two}, two)
        self.assertEqual(s.ok("scale", "a", "1").strip(), "a 5 1")
        until(lambda: s.pids("a") == {1: two[1]}, lambda: s.rows("a"))
        self.assertEqual([pid for number, pid in five.items() if number > 1 and alive(pid)], [])
        until(lambda: len(s.rows("a")) == 1, "only one instance is listed")

    def test_the_same_count_is_a_no_op(self):
        """row 52"""
        s = self.run_with({"a": steady(instances=2)})
        before = self.up(s, "a", 2)
        s.ok("scale", "a=2")
        self.assertEqual(s.pids("a"), before)
        self.assertEqual(s.starts_of("a"), 2)

    def test_scale_fails_with_8_unless_the_live_count_is_the_current_one(self):
        """interface.md: --current M"""
        s = self.run_with({"a": steady(instances=2)})
        before = self.up(s, "a", 2)
        self.assertExit(s.cli("scale", "a=3", "--current", "1"), 8)
        self.assertEqual(s.pids("a"), before)
        s.ok("scale", "a=3", "--current", "2")
        self.up(s, "a", 3)

    def test_bounds_are_refused_with_8_and_change_nothing(self):
        """interface.md: bounded by min/max; 8 precondition failed"""
        s = self.run_with({"a": steady(instances=2, min_instances=1, max_instances=3)})
        before = self.up(s, "a", 2)
        self.assertExit(s.cli("scale", "a=4"), 8, "3")
        self.assertExit(s.cli("scale", "a=0"), 8, "1")
        self.assertEqual(s.pids("a"), before)

    def test_a_multiplier_multiplies_the_wanted_count(self):
        """interface.md: --multiplier 2"""
        s = self.run_with({"a": steady(instances=2)})
        self.up(s, "a", 2)
        self.assertEqual(s.ok("scale", "a", "--multiplier", "2").strip(), "a 2 4")
        self.up(s, "a", 4)

    def test_scaling_a_stopped_worker_stores_the_count_only(self):
        """interface.md: of a stopped worker it stores the count only"""
        s = self.run_with({"a": steady(autostart=False)})
        s.ok("scale", "a=3")
        self.assertEqual(s.pids("a"), {})
        s.ok("start", "a")
        self.up(s, "a", 3)

    def test_scale_to_0_leaves_nothing_running_and_back_brings_it_up(self):
        """row 52"""
        s = self.run_with({"a": steady(instances=2)})
        self.up(s, "a", 2)
        s.ok("scale", "a=0")
        until(lambda: s.pids("a") == {}, "nothing runs")
        self.assertNoGroup(s, "a", 1)
        s.ok("scale", "a=1")
        self.up(s, "a", 1)

    def test_several_workers_are_scaled_at_once_or_not_at_all(self):
        """row 52; interface.md: every name is resolved before anything is done"""
        s = self.run_with({"a": steady(), "b": steady()})
        self.up(s, "a", 1), self.up(s, "b", 1)
        self.assertExit(s.cli("scale", "a=2", "nosuch=2"), 4, "nosuch")
        self.assertEqual(len(s.pids("a")), 1)
        s.ok("scale", "a=2", "b=3")
        self.up(s, "a", 2), self.up(s, "b", 3)

    def test_every_instance_knows_its_number(self):
        """interface.md: specifiers %i %n %%"""
        s = self.run_with({"a": {"command": ["/bin/sleep", "100%i"], "instances": 2,
                                 "environment": {"WHO": "%n-%i-%%"}}})
        for number, pid in self.up(s, "a", 2).items():
            self.assertEqual(environ(pid)["WHO"], f"a-{number}-%")
            with open(f"/proc/{pid}/cmdline") as f:
                self.assertEqual(f.read().split("\0")[1], f"100{number}")


class Reload(SystemTest):
    def test_only_what_changed_restarts(self):
        """row 56"""
        s = self.run_with({"same": steady(), "other": steady(environment={"X": "1"}), "gone": steady()})
        before = {name: s.wait_up(name)["pid"] for name in ("same", "other", "gone")}
        s.configure({"same": steady(), "other": steady(environment={"X": "2"}), "new": steady()})
        out = s.ok("reload")
        for text in ("other restarted", "gone removed", "new added"):
            self.assertIn(text, out)
        self.assertNotIn("same", out)
        row = s.wait_new_pid("other", before["other"])
        self.assertEqual(environ(row["pid"])["X"], "2")
        self.assertEqual(row["crashes"], 0)
        s.wait_up("new")
        until(lambda: s.row("gone") is None, "it is no longer listed")
        self.assertFalse(alive(before["gone"]))
        self.assertEqual(s.row("same")["pid"], before["same"])

    def test_a_change_of_instances_restarts_nobody(self):
        """row 56"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        s.configure({"a": steady(instances=2)})
        self.assertIn("rescaled", s.ok("reload"))
        s.wait_up("a", 2)
        self.assertEqual(s.row("a")["pid"], pid)
        self.assertEqual(s.starts_of("a"), 2)

    def test_a_change_that_needs_no_process_restarts_nobody(self):
        """row 56; architecture, rule 7"""
        s = self.run_with({"a": steady(max_crashes=5)})
        pid = s.wait_up("a")["pid"]
        s.configure({"a": steady(max_crashes=9)})
        self.assertIn("updated", s.ok("reload"))
        until(lambda: s.row("a")["max_crashes"] == 9, "the new limit is in effect")
        self.assertEqual(s.row("a")["pid"], pid)

    def test_a_reload_without_a_difference_says_so(self):
        """row 56"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        self.assertIn("nothing changed", s.ok("reload"))
        self.assertEqual(s.row("a")["pid"], pid)

    def test_a_bad_file_is_refused_whole_with_its_place(self):
        """row 57; issue 2, Real input 4: unknown keys"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        path = s.write("workers.d/bad.yaml", "workers:\n  new:\n    command: [/bin/true]\n    comand: x\n")
        answer = s.cli("reload")
        self.assertExit(answer, 1, f"{path}:4:5:", "comand", "did you mean")
        self.assertEqual([row["name"] for row in s.rows()], ["a"])
        self.assertEqual(s.row("a")["pid"], pid)

    def test_a_scaled_count_holds_until_instances_in_the_file_changes(self):
        """interface.md: a count scaled by hand stays until instances in the file changes"""
        s = self.run_with({"a": steady(), "b": steady()})
        s.ok("scale", "a=3")
        s.configure({"a": steady(), "b": steady(environment={"X": "1"})})
        s.ok("reload")
        self.assertEqual(s.detail("a")["instances_wanted"], 3)
        s.configure({"a": steady(instances=2), "b": steady(environment={"X": "1"})})
        s.ok("reload")
        until(lambda: len(s.pids("a")) == 2, "the file's number is in force again")

    def test_a_dry_run_shows_the_difference_and_changes_nothing(self):
        """interface.md: reload --dry-run"""
        s = self.run_with({"a": steady(), "b": steady()})
        before = {name: s.wait_up(name)["pid"] for name in "ab"}
        s.configure({"a": steady(environment={"X": "1"}), "c": steady()})
        out = s.ok("reload", "--dry-run")
        for text in ("a would be restarted", "b would be removed", "c would be added"):
            self.assertIn(text, out)
        self.assertEqual({name: s.row(name)["pid"] for name in "ab"}, before)
        self.assertIsNone(s.row("c"))
        self.assertIn("a restarted", s.ok("reload"), "the dry run left the difference to be applied")

    def test_SIGHUP_reloads(self):
        """issue 2: reload as a diff (SIGHUP)"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        s.configure({"a": steady(), "b": steady()})
        signal_pid(s.pid, signal.SIGHUP)
        s.wait_up("b")
        self.assertEqual(s.row("a")["pid"], pid)

    def test_SIGHUP_with_a_bad_file_changes_nothing_and_leaves_an_event(self):
        """row 57"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        s.write("workers.d/bad.yaml", "workers: [\n")
        signal_pid(s.pid, signal.SIGHUP)
        until(lambda: [e for e in s.events("config") if "bad.yaml" in e["message"] + str(e["details"])],
              lambda: f"an event names the file: {s.events('config')}")
        self.assertEqual(s.row("a")["pid"], pid)

    def test_a_flood_of_reloads_disturbs_nobody(self):
        """row 88"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        for _ in range(50):
            signal_pid(s.pid, signal.SIGHUP)
        pending = [s.begin("reload") for _ in range(10)]
        for one in pending:
            self.assertEqual(s.finish(one).code, 0)
        self.assertEqual((s.row("a")["pid"], s.starts_of("a")), (pid, 1))

    def test_a_cycle_is_named(self):
        """row 59"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        s.configure({"a": steady(), "x": steady(requires=["z"]), "y": steady(requires=["x"]),
                     "z": steady(requires=["y"])})
        answer = s.cli("reload")
        self.assertExit(answer, 1, "cycle")
        self.assertRegex(answer.err, r"(x -> z -> y -> x|y -> x -> z -> y|z -> y -> x -> z)")
        self.assertEqual((len(s.rows()), s.row("a")["pid"]), (1, pid))

    def test_a_config_directory_that_vanished_refuses_the_reload(self):
        """issue 2, Real input 4: a config directory that vanishes"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        shutil.rmtree(s.config)
        self.assertExit(s.cli("reload"), 1, s.config)
        self.assertEqual(s.row("a")["pid"], pid)

    def test_a_removed_worker_that_is_stopping_is_gone_in_the_end(self):
        """row 56"""
        s = self.prepare()
        s.configure({"a": sh(f"trap 'sleep 1; echo bye > {s.path('bye')}; exit 0' TERM; touch {s.path('up')};"
                             "while :; do sleep 0.05; done")})
        s.start()
        until(lambda: os.path.exists(s.path("up")), "it runs")
        s.configure({})
        s.ok("reload")
        until(lambda: s.row("a") is None, "it is no longer listed")
        self.assertEqual(lines(s.path("bye")), ["bye"])
        self.assertNoGroup(s, "a")

    def test_a_reload_while_a_worker_is_paused_keeps_it_paused(self):
        """architecture, rule 6"""
        s = self.run_with({"a": steady(), "b": steady()})
        s.wait_up("a")
        s.ok("pause", "a")
        s.configure({"a": steady(), "b": steady(environment={"X": "1"})})
        s.ok("reload")
        self.assertEqual(s.state_of("a"), "paused")

    def test_dependents_of_a_restarted_worker_do_not_restart(self):
        """row 56: only what changed restarts"""
        s = self.run_with({"base": steady(environment={"X": "1"}), "top": steady(requires=["base"])})
        before = {name: s.wait_up(name)["pid"] for name in ("base", "top")}
        s.configure({"base": steady(environment={"X": "2"}), "top": steady(requires=["base"])})
        s.ok("reload")
        s.wait_new_pid("base", before["base"])
        self.assertEqual(s.row("top")["pid"], before["top"])


class Check(SystemTest):
    def test_the_linter_accepts_what_the_supervisor_accepts(self):
        """row 61"""
        s = self.prepare({"a": steady(), "b": argv("/bin/true", backoff=QUICK)})
        self.assertExit(s.cli("check", s.config), 0)

    def test_the_linter_names_file_line_and_column_of_every_problem(self):
        """row 61; issue 2, Real input 4: wrong types"""
        s = self.prepare()
        path = s.write("workers.d/bad.yaml",
                       "workers:\n  a:\n    command: [/bin/true]\n    instances: many\n    stop_timeout: 5 parsecs\n"
                       "  b:\n    comand: x\n")
        answer = s.cli("check", s.config)
        self.assertExit(answer, 1, f"{path}:4:16:", f"{path}:5:19:", f"{path}:7:5:", "did you mean 'command'")
