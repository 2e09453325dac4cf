"""Without root, without cgroups, with many workers, and the host report (architecture: where things are at run time)."""

import json
import os
import subprocess

from harness import (
    NEVER, NOTIFY, QUICK, SystemTest, alive, lines, proc_status, py, sh, signal_pid, steady, until)

NOBODY = 65534


class Unprivileged(SystemTest):
    """`nova-supervisor run` as nobody, with sessions in the place of cgroups where none is writable."""

    def nobody(self, workers=None):
        s = self.prepare(uid=NOBODY)
        if subprocess.run([f"{s.bin}/nova-supervisor", "--version"], user=NOBODY, capture_output=True).returncode != 0:
            self.skipTest("the programs cannot be executed by nobody here")
        s.configure(workers or {})
        return s

    def test_it_runs_and_says_once_what_is_missing(self):
        """architecture: must work unprivileged; what is missing is said once, plainly, at start"""
        s = self.nobody({"a": steady(), "b": steady()}).start()
        pid = s.wait_up("a")["pid"]
        s.wait_up("b")
        self.assertEqual(set(proc_status(pid)["Uid"].split()), {str(NOBODY)})
        if not s.members("a"):
            notes = s.api("GET", "/v1/status")[1]["host"]["notes"]
            self.assertTrue([note for note in notes if "cgroup" in note], notes)
            said = [line for line in s.said().splitlines() if "cgroup" in line]
            self.assertIn(len(said), (1, 2), s.said())

    def test_a_killed_worker_is_back_and_stop_leaves_nothing(self):
        """architecture: sessions and a subreaper instead of cgroups"""
        s = self.nobody()
        s.configure({"a": sh(f"sleep 1000 & echo $! >> {s.path('kid')}; exec sleep 1000", backoff=QUICK)})
        s.start()
        pid = s.wait_up("a")["pid"]
        until(lambda: lines(s.path("kid")), "it has a child")
        signal_pid(pid)
        row = s.wait_new_pid("a", pid)
        until(lambda: len(lines(s.path("kid"))) == 2, "it has a child again")
        first, second = (int(line) for line in lines(s.path("kid")))
        self.assertFalse(alive(first), "the child of the killed one is gone")
        s.ok("stop", "a")
        self.assertEqual([p for p in (row["pid"], second) if alive(p)], [])

    def test_the_supervisor_killed_finds_its_workers_again(self):
        """architecture: the same promises hold"""
        s = self.nobody({"a": steady()}).start()
        pid = s.wait_up("a")["pid"]
        s.kill9()
        s.start()
        self.assertEqual(s.wait_up("a")["pid"], pid)
        s.stop()
        self.assertFalse(alive(pid))

    def test_readiness_by_notify_and_exits_work_the_same(self):
        """architecture: in a plain container"""
        s = self.nobody({"a": py(NOTIFY + "notify('READY=1'); time.sleep(1000)", ready="notify"),
                         "b": sh("exit 6", backoff=NEVER)}).start()
        s.wait_state("a", "ready")
        self.assertEqual(s.wait_state("b", "backoff")["last_exit"]["code"], 6)

    def test_pause_is_refused_with_a_sentence_where_nothing_can_be_frozen(self):
        """architecture: freeze refused, all of it said"""
        s = self.nobody({"a": steady()}).start()
        s.wait_up("a")
        if s.members("a"):
            self.skipTest("nobody has a writable cgroup here")
        answer = s.cli("pause", "a", "--timeout", "10s")
        self.assertIn(answer.code, (1, 8), str(answer))
        self.assertExit(answer, answer.code, "cgroup")
        self.assertIn(s.state_of("a"), ("running", "ready"))
        self.assertIsNone(s.detail("a")["pause_reason"], "a refused pause is no wish")
        pid = s.row("a")["pid"]
        s.ok("restart", "a")
        s.wait_new_pid("a", pid)

    def test_readings_come_from_proc(self):
        """architecture: fallbacks"""
        s = self.nobody({"a": sh("while :; do :; done")}).start()
        s.wait_up("a")
        row = until(lambda: s.row("a")["memory_bytes"] and (s.row("a")["cpu_usage_usec"] or 0) > 200_000 and s.row("a"),
                    lambda: s.row("a"))
        self.assertTrue(row["memory_estimated"])

    def test_another_user_cannot_be_had_and_that_is_said(self):
        """row 15"""
        s = self.nobody({"a": steady(user="daemon", autostart=False, backoff=NEVER)}).start()
        self.assertExit(s.cli("start", "a"), 1)
        self.assertNotIn(s.state_of("a"), ("running", "ready"))


class ReadOnlyCgroups(SystemTest):
    def test_in_a_container_with_a_read_only_cgroup_tree_workers_run_and_end(self):
        """architecture: in a plain container whose cgroup tree is read-only"""
        s = self.prepare()
        script = "for m in $(awk '$3 == \"cgroup2\" {print $2}' /proc/mounts); do mount -o remount,bind,ro $m || exit 9; done"
        if subprocess.run(["unshare", "-m", "/bin/sh", "-c", script], capture_output=True).returncode != 0:
            self.skipTest("a mount namespace is not permitted")
        s.wrap = ["unshare", "-m", "/bin/sh", "-c", script + "; exec \"$@\"", "sh"]
        s.configure({"a": sh(f"sleep 1000 & echo $! > {s.path('kid')}; exec sleep 1000")})
        s.start()
        pid = s.wait_up("a")["pid"]
        until(lambda: lines(s.path("kid")), "it has a child")
        self.assertEqual(s.api("GET", "/v1/status")[1]["host"]["cgroup_version"], 0)
        s.ok("stop", "a")
        self.assertEqual([p for p in (pid, int(lines(s.path("kid"))[0])) if alive(p)], [])
        s.stop()


class Many(SystemTest):
    def test_two_hundred_workers_start_are_listed_and_end(self):
        """issue 2: every worker its own process in its own cgroup"""
        s = self.run_with({"a": steady(instances=100), "b": steady(instances=100)})
        until(lambda: len([r for r in s.rows() if r["state"] in ("running", "ready")]) == 200, "all run", 60)
        pids = [row["pid"] for row in s.rows()]
        self.assertEqual(len(set(pids)), 200)
        s.kill9()
        s.start()
        until(lambda: [row["pid"] for row in s.rows()] == pids, "all are found again", 60)
        s.stop()
        self.assertEqual([pid for pid in pids if alive(pid)], [])

    def test_fifty_workers_killed_at_once_all_come_back(self):
        """issue 2: restart policy"""
        s = self.run_with({"a": steady(instances=50, backoff=QUICK)})
        until(lambda: len(s.pids("a")) == 50, "all run", 60)
        before = s.pids("a")
        for pid in before.values():
            signal_pid(pid)
        until(lambda: len(s.pids("a")) == 50 and not set(before.values()) & set(s.pids("a").values()), "all are new", 60)
        self.assertEqual({row["crashes"] for row in s.rows("a")}, {1})


class Host(SystemTest):
    def test_the_host_report_has_rows_with_a_verdict_and_a_matching_exit_code(self):
        """issue 2: check --host"""
        s = self.prepare()
        answer = s.cli("check", "--host", "-o", "json")
        report = json.loads(answer.out)
        rows = report if isinstance(report, list) else report["rows"]
        self.assertGreater(len(rows), 10)
        verdicts = {row.get("verdict") or row.get("status") for row in rows}
        self.assertLessEqual(verdicts, {"ok", "warning", "problem"})
        self.assertEqual(answer.code, 1 if "problem" in verdicts else 0)
        table = s.cli("check", "--host")
        self.assertEqual(table.code, answer.code)
        for word in ("kernel", "cgroup", "memory"):
            self.assertIn(word, table.out.lower())

    def test_setup_with_dry_run_changes_nothing(self):
        """issue 2: setup says what it would do with --dry-run"""
        s = self.prepare()
        before = {path: os.path.exists(path) for path in ("/etc/nova", "/var/lib/nova", "/run/nova")}
        users = open("/etc/passwd").read() + open("/etc/group").read()
        self.assertEqual(s.cli("setup", "--dry-run").code, 0)
        self.assertEqual({path: os.path.exists(path) for path in before}, before)
        self.assertEqual(open("/etc/passwd").read() + open("/etc/group").read(), users)

    def test_network_none_is_a_network_of_its_own(self):
        """interface.md: security.network"""
        s = self.prepare({"a": steady(security={"network": "none"})})
        s.start()
        pid = s.wait_up("a")["pid"]
        apart = os.readlink(f"/proc/{pid}/ns/net") != os.readlink("/proc/self/ns/net")
        self.assertTrue(apart, "the worker sees the host's network")
