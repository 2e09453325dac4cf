"""Bad input at start, and disks that are full (issue 2, Real input 4)."""

import os
import shutil

from harness import NEVER, QUICK, SystemTest, alive, mount, sh, steady, until

BAD = "workers:\n  a:\n    command: [/bin/true]\n    instances: many\n  b:\n    comand: [/bin/true]\n"


class Configuration(SystemTest):
    def test_a_broken_configuration_at_start_exits_1_with_all_its_problems(self):
        """issue 2, Real input 4"""
        s = self.prepare()
        path = s.write("workers.d/bad.yaml", BAD)
        answer = s.launch_and_fail()
        self.assertExit(answer, 1, f"{path}:4:16:", f"{path}:6:5:", "did you mean 'command'")
        until(lambda: not s.shims(), "no shim is left behind")

    def test_a_cycle_at_start_is_named(self):
        """row 59"""
        s = self.prepare({"x": steady(requires=["y"]), "y": steady(requires=["x"])})
        answer = s.launch_and_fail()
        self.assertExit(answer, 1, "cycle")
        self.assertRegex(answer.err, "x -> y -> x|y -> x -> y")

    def test_a_missing_config_directory_is_refused_with_its_name(self):
        """issue 2, Real input 4"""
        s = self.prepare()
        shutil.rmtree(s.config)
        self.assertExit(s.launch_and_fail(), 1, s.config)

    def test_an_empty_configuration_runs(self):
        """interface.md: every key optional"""
        s = self.prepare()
        os.remove(os.path.join(s.config, "workers.d/test.yaml"))
        s.start()
        self.assertEqual(s.rows(), [])
        s.stop()

    def test_with_live_workers_a_broken_configuration_runs_on_the_stored_one_and_says_so(self):
        """architecture: a brain that finds live workers never exits over its configuration"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        s.kill9()
        path = s.write("workers.d/bad.yaml", BAD)
        s.start()
        self.assertEqual(s.wait_up("a")["pid"], pid)
        self.assertIn(f"{path}:4:16:", s.said())
        warnings = s.api("GET", "/v1/status")[1]["warnings"]
        self.assertTrue([text for text in warnings if "configuration" in text.lower()], warnings)
        os.remove(path)
        s.ok("reload")
        self.assertEqual(s.row("a")["pid"], pid)
        self.assertEqual([t for t in s.api("GET", "/v1/status")[1]["warnings"] if "configuration" in t.lower()], [])

    def test_with_live_workers_a_vanished_config_directory_runs_on_the_stored_one(self):
        """issue 2, Real input 4: a config directory that vanishes"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        s.kill9()
        shutil.rmtree(s.config)
        s.start()
        self.assertEqual(s.wait_up("a")["pid"], pid)

    def test_with_live_workers_an_unreadable_configuration_runs_on_the_stored_one_and_says_so(self):
        """issue 3, 1: broken, missing or unreadable"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        s.kill9()
        path = os.path.join(s.config, "workers.d/test.yaml")
        os.rename(path, path + ".away")
        # Root reads every file there is; a directory in its place it does not.
        os.mkdir(path)
        s.start()
        self.assertEqual(s.wait_up("a")["pid"], pid)
        self.assertTrue([t for t in s.api("GET", "/v1/status")[1]["warnings"] if path in t])
        os.rmdir(path)
        os.rename(path + ".away", path)
        s.ok("reload")
        self.assertEqual(s.row("a")["pid"], pid)

    def test_legacy_environment_names_override_the_file(self):
        """interface.md: the legacy environment names"""
        s = self.prepare({"a": steady()})
        s.environment["MIN_ROI_THRESHOLD"] = "not a number"
        self.assertExit(s.launch_and_fail(), 1, "MIN_ROI_THRESHOLD")

    def test_unknown_arguments_of_the_programs_exit_2(self):
        """interface.md: 2 usage"""
        s = self.prepare()
        s.arguments = ["--nonsense"]
        self.assertExit(s.launch_and_fail(), 2, "--nonsense")


class Directories(SystemTest):
    def test_a_state_directory_that_cannot_be_made_is_named(self):
        """issue 2, Real input 4: a clear sentence"""
        s = self.prepare({"a": steady()})
        s.touch("file")
        s.state = s.path("file") + "/state"
        self.assertExit(s.launch_and_fail(), 1, s.state)
        until(lambda: not s.shims(), "no shim is left behind")

    def test_a_foreign_database_is_refused_and_left_as_it_was(self):
        """docs: refused with a sentence"""
        s = self.prepare({"a": steady()})
        with open(os.path.join(s.state, "nova.db"), "wb") as f:
            f.write(b"this is no database, but somebody's precious text\n" * 100)
        before = open(os.path.join(s.state, "nova.db"), "rb").read()
        self.assertExit(s.launch_and_fail(), 1, "nova.db")
        self.assertEqual(open(os.path.join(s.state, "nova.db"), "rb").read(), before)

    def test_a_runtime_path_too_long_for_a_socket_is_refused_clearly_or_works(self):
        """interface.md: a path too long for a Unix socket"""
        s = self.prepare({"a": steady()})
        s.runtime = os.path.join(s.runtime, "x" * 120)
        os.mkdir(s.runtime)
        answer = s.launch_and_fail()
        self.assertExit(answer, 1, "too long")

    def test_a_worker_with_the_longest_name_gets_its_notify_socket(self):
        """interface.md: a hashed socket name"""
        name = "n" * 63
        s = self.run_with({name: steady()})
        s.wait_up(name)
        s.ok("stop", name)


class FullDisk(SystemTest):
    def on_small_disk(self, workers, size="2m"):
        s = self.prepare(workers)
        try:
            mount("tmpfs", s.state, "tmpfs", 0, f"size={size},mode=0700")
        except OSError as error:
            self.skipTest(f"mount is not permitted here: {error.strerror}")
        s.mounts.append(s.state)
        return s

    def fill(self, s):
        """Takes what is left of the state directory's disk."""
        with open(os.path.join(s.state, "ballast"), "ab", 0) as f:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        f.write(b"\0" * size)
                except OSError:
                    continue

    def test_a_full_disk_at_start_is_a_clear_sentence_and_exit_1(self):
        """issue 2, Real input 4: a full disk at start"""
        s = self.on_small_disk({"a": steady()})
        self.fill(s)
        answer = s.launch_and_fail()
        self.assertExit(answer, 1, s.state)
        self.assertRegex(answer.err.lower(), "full|no space")
        until(lambda: not s.shims(), "no shim is left behind")

    def test_a_disk_that_fills_up_while_running_disturbs_no_worker_and_is_said(self):
        """issue 2, Real input 4; docs: when the disk gives trouble"""
        s = self.on_small_disk({"a": steady(), "b": sh("sleep 0.2; exit 1", max_crashes=1000, backoff=QUICK)}, "4m")
        s.start()
        pid = s.wait_up("a")["pid"]
        self.fill(s)
        until(lambda: s.api("GET", "/v1/status")[1]["ledger"] != "ok", "the ledger says that it is degraded")
        self.assertIsNone(s.process.poll())
        self.assertTrue(alive(pid))
        self.assertEqual(s.row("a")["pid"], pid)
        os.remove(os.path.join(s.state, "ballast"))
        until(lambda: s.api("GET", "/v1/status")[1]["ledger"] == "ok", "the ledger has recovered")
        self.assertEqual(s.row("a")["pid"], pid)
        ids = [event["id"] for event in s.events()]
        self.assertEqual(ids, list(range(ids[0], ids[0] + len(ids))), "no event was lost")

    def test_a_worker_can_be_stopped_while_the_disk_is_full(self):
        """issue 2, Real input 4"""
        s = self.on_small_disk({"a": steady(backoff=NEVER)}, "4m")
        s.start()
        pid = s.wait_up("a")["pid"]
        self.fill(s)
        answer = s.cli("stop", "a", "--timeout", "20s")
        until(lambda: not alive(pid), lambda: f"it ended: {answer}")
        os.remove(os.path.join(s.state, "ballast"))
        s.wait_state("a", "stopped")
