"""`novasup run`: a command as a transient worker, from its output and exit code to its removal."""

import os
import signal
import stat

from harness import PYTHON, SystemTest, alive, argv, lines, steady, until


class RunTest(SystemTest):
    def file(self, s, name):
        return os.path.join(s.runtime, "transient", name + ".yaml")

    def test_follows_the_output_and_exits_0(self):
        s = self.run_with({"other": steady()})
        answer = s.cli("run", "hello", "--user", "root", "--", "/bin/sh", "-c", "echo one; echo two >&2; printf three")
        self.assertExit(answer, 0)
        self.assertEqual(sorted(answer.out.split()), ["one", "three", "two"])
        row = s.row("hello")
        self.assertEqual((row["state"], row["mode"], row["last_exit"]["code"]), ("completed", "once", 0))
        self.assertEqual(s.row("other")["restarts_total"], 0)

    def test_every_line_of_much_output_arrives_once(self):
        # As JSON it is some 2 MiB: more than a connection may leave unread.
        s = self.run_with()
        answer = s.cli("run", "much", "--user", "root", "--", "seq", "1", "30000")
        self.assertExit(answer, 0)
        self.assertEqual(answer.out.split(), [str(n) for n in range(1, 30001)])

    def test_a_failure_is_exit_1_and_one_sentence(self):
        s = self.run_with()
        for name, script, said in (("three", "exit 3", "exited with 3"),
                                   ("killed", "kill -9 $$", "was killed by SIGKILL"),
                                   ("term", "kill -TERM $$", "was killed by SIGTERM")):
            answer = s.cli("run", name, "--user", "root", "--", "/bin/sh", "-c", script)
            self.assertExit(answer, 1, said)
            self.assertEqual(len(answer.err.splitlines()), 1, str(answer))
            # Once is once: nothing tries it again.
            self.assertEqual(s.starts_of(name), 1)
            self.assertIn(s.state_of(name), ("failed", "completed"))

    def test_a_program_that_is_not_there(self):
        s = self.run_with()
        for more in ([], ["--detach"]):
            answer = s.cli("run", "nothing", "--user", "root", *more, "--", "/nonexistent/program")
            self.assertExit(answer, 1, "cannot run nothing", "No such file or directory")

    def test_hostile_arguments_arrive_as_they_are(self):
        s = self.run_with()
        hostile = ["", " ", "a: b", "- x", "#no", "'", '"', "\\", "a\nb", "\t", "%", "%i %n %%", "{x}", "[y]", "&a *b",
                   "!tag", "null", "true", "ä €", "\U0001f600", "\u2028", "\u0085", "\x01\x7f", "$HOME `id`"]
        code = "import sys; open(sys.argv[1], 'w').write('\\0'.join(sys.argv[2:]))"
        out = s.path("args")
        self.assertExit(s.cli("run", "args", "--user", "root", "--", PYTHON, "-I", "-c", code, out, *hostile), 0)
        with open(out, newline="") as f:
            self.assertEqual(f.read().split("\0"), hostile)

    def test_environment_directory_and_limits(self):
        s = self.run_with()
        answer = s.cli(
            "run", "env", "--user", "root", "--directory", s.dir, "-e", "SECRET=hunter: %i 'two", "-e", "B=2", "--memory",
            "64M", "--cpu", "50%", "--reason", "to see", "--", "/bin/sh", "-c", 'pwd; echo "$SECRET" >secret; echo $B')
        self.assertExit(answer, 0)
        self.assertEqual(answer.out.splitlines(), [s.dir, "2"])
        self.assertEqual(lines(s.path("secret")), ["hunter: %i 'two"])
        spec = s.detail("env")["spec"]
        self.assertEqual(spec["environment_names"], ["B", "SECRET"])
        self.assertEqual((spec["limits"]["memory_bytes"], spec["limits"]["cpu_percent"]), (64 << 20, 50))
        self.assertEqual(stat.S_IMODE(os.stat(self.file(s, "env")).st_mode), 0o600)
        # What is secret is in no answer and in no row of the database.
        self.assertNotIn("hunter", s.ok("status", "env") + s.ok("events", "-o", "json"))
        for name in ("nova.db", "nova.db-wal"):
            with open(os.path.join(s.state, name), "rb") as f:
                self.assertNotIn(b"hunter", f.read())
        self.assertIn("to see", " ".join(e["message"] for e in s.events("operator.start", "env")))

    def test_detached_and_removed_by_stop(self):
        s = self.run_with()
        answer = s.cli("run", "long", "--user", "root", "--detach", "--", "/bin/sleep", "1000000")
        self.assertExit(answer, 0)
        self.assertEqual(answer.out, "long started\n")
        pid = s.wait_up("long")["pid"]
        again = s.cli("run", "long", "--user", "root", "--", "true")
        self.assertExit(again, 8, "is there already")
        self.assertEqual(s.pids("long"), {1: pid})
        self.assertExit(s.cli("stop", "long"), 0, "long@1 stopped")
        self.assertFalse(alive(pid))
        self.assertEqual(s.rows("long"), [])
        self.assertFalse(os.path.exists(self.file(s, "long")))
        self.assertExit(s.cli("stop", "long"), 4)
        self.assertExit(s.cli("run", "long", "--user", "root", "--", "true"), 0)

    def test_what_is_over_is_replaced_or_reset_away(self):
        s = self.run_with()
        self.assertExit(s.cli("run", "job", "--user", "root", "--", "echo", "first"), 0)
        answer = s.cli("run", "job", "--user", "root", "--", "echo", "second")
        self.assertExit(answer, 0)
        self.assertEqual(answer.out, "second\n")
        # The same again is a run as well.
        self.assertEqual(s.ok("run", "job", "--user", "root", "--", "echo", "second"), "second\n")
        self.assertEqual(s.starts_of("job"), 3)
        self.assertExit(s.cli("reset", "job"), 0, "removed")
        self.assertEqual(s.rows("job"), [])
        self.assertFalse(os.path.exists(self.file(s, "job")))

    def test_interrupted_it_goes_on(self):
        s = self.run_with()
        process = s.begin("run", "on", "--user", "root", "--", "/bin/sh", "-c", "echo here; exec sleep 1000000")
        self.assertEqual(process.stdout.readline(), "here\n")
        process.send_signal(signal.SIGINT)
        answer = s.finish(process)
        self.assertExit(answer, 130, "goes on")
        self.assertIn(s.state_of("on"), ("running", "ready"))

    def test_stopped_by_another_while_followed(self):
        s = self.run_with()
        process = s.begin("run", "gone", "--user", "root", "--", "/bin/sh", "-c", "echo here; exec sleep 1000000")
        self.assertEqual(process.stdout.readline(), "here\n")
        s.ok("stop", "gone")
        self.assertExit(s.finish(process), 1, "was stopped and removed")

    def test_a_timeout_leaves_it_running(self):
        s = self.run_with()
        self.assertExit(s.cli("run", "slow", "--user", "root", "--timeout", "1s", "--", "sleep", "1000000"), 124)
        self.assertIsNotNone(s.row("slow")["pid"])

    def test_survives_a_crash_of_the_supervisor_and_runs_once(self):
        s = self.run_with()
        s.ok("run", "live", "--user", "root", "--detach", "--", "/bin/sleep", "1000000")
        pid = s.wait_up("live")["pid"]
        s.ok("run", "done", "--user", "root", "--", "/bin/sh", "-c", f"echo x >>{s.path('count')}")
        follower = s.begin("run", "both", "--user", "root", "--", "/bin/sh", "-c",
                           f"echo here; until [ -e {s.path('go')} ]; do sleep 0.05; done; exit 4")
        self.assertEqual(follower.stdout.readline(), "here\n")
        s.kill9()
        s.start()
        self.assertEqual(s.wait_up("live")["pid"], pid)
        self.assertEqual(s.state_of("done"), "completed")
        s.touch("go")
        self.assertExit(s.finish(follower), 1, "exited with 4")
        self.assertEqual(lines(s.path("count")), ["x"])
        # A reload of the owner's files does not touch them.
        s.configure({"new": steady()})
        s.ok("reload")
        self.assertEqual(s.pids("live"), {1: pid})

    def test_on_the_stored_configuration_it_is_still_there(self):
        s = self.run_with({"own": steady()})
        s.ok("run", "live", "--user", "root", "--detach", "--", "/bin/sleep", "1000000")
        pid = s.wait_up("live")["pid"]
        s.kill9()
        s.write("workers.d/test.yaml", "workers: [broken")
        s.start()
        self.assertEqual(s.wait_up("live")["pid"], pid)
        self.assertEqual(s.wait_up("own")["state"], "running")

    def test_a_stop_of_the_supervisor_ends_it_for_good(self):
        s = self.run_with()
        s.ok("run", "live", "--user", "root", "--detach", "--", "/bin/sh", "-c", f"echo x >>{s.path('count')}; exec sleep 9999")
        s.wait_up("live")
        until(lambda: lines(s.path("count")), "it ran")
        s.stop()
        s.start()
        self.assertEqual(s.rows("live"), [])
        self.assertEqual(lines(s.path("count")), ["x"])

    def test_the_owners_names_are_refused_and_win(self):
        s = self.run_with({"own": steady()})
        pid = s.wait_up("own")["pid"]
        self.assertExit(s.cli("run", "own", "--user", "root", "--", "true"), 8, "is defined at", "test.yaml")
        self.assertEqual(s.pids("own"), {1: pid})
        s.ok("run", "mine", "--user", "root", "--detach", "--", "/bin/sleep", "1000000")
        old = s.wait_up("mine")["pid"]
        # What was edited and not reloaded is not taken in by a run.
        s.configure({"own": steady(), "mine": argv("/bin/sleep", "2000000"), "third": steady()})
        s.ok("run", "other", "--user", "root", "--", "true")
        self.assertEqual((s.pids("mine"), s.rows("third")), ({1: old}, []))
        self.assertExit(s.cli("reload"), 0, "that replaces the transient worker")
        s.wait_new_pid("mine", old)
        self.assertFalse(os.path.exists(self.file(s, "mine")))
        self.assertEqual(len(s.events("worker.transient_replaced")), 1)
        self.assertNotIn("that replaces", s.ok("reload"))
        self.assertIsNotNone(s.row("other"))

    def test_a_service_is_restarted(self):
        s = self.run_with()
        s.ok("run", "web", "--user", "root", "--service", "--detach", "--", "/bin/sleep", "1000000")
        row = s.wait_up("web")
        self.assertEqual(row["mode"], "service")
        os.kill(row["pid"], signal.SIGKILL)
        s.wait_new_pid("web", row["pid"])

    def test_bad_requests_change_nothing(self):
        s = self.run_with()
        good = {"name": "a", "command": ["true"]}
        for change, field, said in (
                ({"command": []}, "command", "empty list"), ({"command": [""]}, "command", "no program"),
                ({"command": ["a\0b"]}, None, "NUL"), ({"directory": "relative"}, "directory", "absolute"),
                ({"name": "Bad Name"}, None, "not a valid name"), ({"name": "../x"}, None, "not a valid name"),
                ({"name": ""}, None, "not a valid name"), ({"user": "a b"}, "user", "not the name of a user"),
                ({"environment": {"A B": "x"}}, "environment", "not a variable name"),
                ({"environment": {"NOTIFY_SOCKET": "x"}}, "environment", "set by the supervisor"),
                ({"instances": 0}, "instances", "at least 1"), ({"instances": 99999}, "instances", "between"),
                ({"limits": {"memory_bytes": 5}}, "limits", "less than 1M"),
                ({"limits": {"cpu_percent": -1}}, "limits", ""), ({"mode": "twice"}, "mode", ""),
                ({"reason": "x" * 201}, "reason", "200 bytes"), ({"shell": True}, "shell", ""),
                ({"limits": {"disk": 1}}, None, "")):
            status, body = s.api("POST", "/v1/run", {**good, **change})
            self.assertIn(status, (400, 413), f"{change}: {body}")
            self.assertIn(said, body["error"]["message"])
            if field:
                self.assertEqual(body["error"]["field"], field, body)
        self.assertEqual(s.rows(), [])
        self.assertEqual(os.listdir(os.path.join(s.runtime, "transient")), [])
        self.assertExit(s.cli("run", "a", "--dry-run", "--user", "root", "--", "true"), 0, "would start a")
        self.assertEqual(s.rows(), [])

    def test_a_bad_transient_file_keeps_nobody_else_out(self):
        s = self.prepare({"own": steady()})
        os.makedirs(os.path.join(s.runtime, "transient", "dir.yaml"), exist_ok=True)
        for name, text in (("bad", "workers: [broken"), ("two", "workers: { a: { command: x }, b: { command: y } }")):
            with open(self.file(s, name), "w") as f:
                f.write(text)
        s.start()
        s.wait_up("own")
        self.assertEqual([row["name"] for row in s.rows()], ["own"])
        self.assertIn("bad.yaml", " ".join(s.api("GET", "/v1/status")[1]["warnings"]))

    def test_wrong_usage(self):
        s = self.run_with()
        for words in (["run"], ["run", "a"], ["run", "a", "true"], ["run", "a", "--"], ["run", "--", "true"],
                      ["run", "a", "-e", "X", "--", "true"], ["run", "a", "--memory", "much", "--", "true"]):
            self.assertExit(s.cli(*words), 2)
