"""Output of workers and history (peers.md 3b row 83; issue 2: logs)."""

import json
import os
import subprocess

from harness import NEVER, QUICK, SystemTest, py, sh, steady, until


class Output(SystemTest):
    def seen(self, s, target, text, *flags):
        return until(lambda: text in s.ok("logs", target, *flags) and s.ok("logs", target, *flags),
                     lambda: f"{text} in {s.ok('logs', target, *flags)}")

    def test_the_newest_lines_come_in_order(self):
        """issue 2: novasup logs"""
        s = self.run_with({"a": sh("seq 1 200; exec sleep 1000", logs={"driver": "file"})})
        self.seen(s, "a@1", "200")
        self.assertEqual(s.ok("logs", "-n", "3", "a@1").splitlines(), ["198", "199", "200"])
        self.assertEqual(len(s.ok("logs", "a@1").splitlines()), 50)

    def test_stderr_alone_can_be_asked_for(self):
        """interface.md: --stderr"""
        s = self.run_with({"a": sh("echo to out; echo to err >&2; exec sleep 1000", logs={"driver": "file"})})
        self.seen(s, "a@1", "to out"), self.seen(s, "a@1", "to err")
        self.assertEqual(s.ok("logs", "--stderr", "a@1").splitlines(), ["to err"])

    def test_a_pattern_selects_lines(self):
        """interface.md: -g REGEX"""
        s = self.run_with({"a": sh("seq 1 30; exec sleep 1000", logs={"driver": "file"})})
        self.seen(s, "a@1", "30")
        self.assertEqual(s.ok("logs", "-g", "^[12]5$", "a@1").splitlines(), ["15", "25"])

    def test_a_broken_pattern_is_refused(self):
        """interface.md: exit 2 usage"""
        s = self.run_with({"a": steady()})
        self.assertExit(s.cli("logs", "-g", "([", "a"), 2)

    def test_several_targets_interleave_with_a_prefix(self):
        """interface.md: several targets interleave with a prefix"""
        s = self.run_with({name: sh(f"echo from {name}; exec sleep 1000", logs={"driver": "file"}) for name in "ab"})
        until(lambda: {"a@1 | from a", "b@1 | from b"} == set(s.ok("logs", "a", "b").splitlines()),
              lambda: s.ok("logs", "a", "b"))
        self.assertEqual(set(s.ok("logs", "--no-prefix", "a", "b").splitlines()), {"from a", "from b"})

    def test_following_shows_what_comes(self):
        """interface.md: -f"""
        s = self.prepare()
        s.configure({"a": sh(f"echo before; until [ -e {s.path('go')} ]; do sleep 0.02; done; echo after; exec sleep 1000",
                             logs={"driver": "file"})})
        s.start()
        self.seen(s, "a@1", "before")
        follower = s.begin("logs", "-f", "a@1")
        self.assertEqual(follower.stdout.readline(), "before\n")
        s.touch("go")
        self.assertEqual(follower.stdout.readline(), "after\n")
        follower.send_signal(2)
        self.assertEqual(s.finish(follower).code, 130)

    def test_a_closed_pipe_ends_it_quietly(self):
        """interface.md: a closed pipe ends it quietly"""
        s = self.run_with({"a": sh("seq 1 100000; exec sleep 1000", logs={"driver": "file"})})
        self.seen(s, "a@1", "100000")
        command = " ".join(s.command("logs", "-n", "100000", "a@1")) + " | head -n 1"
        done = subprocess.run(["/bin/bash", "-c", f"set -o pipefail; {command}; exit ${{PIPESTATUS[0]}}"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stdout, done.stderr), ("1\n", ""))
        self.assertIn(done.returncode, (0, 141))

    def test_lines_of_the_life_before_can_be_asked_for(self):
        """interface.md: -p/--previous"""
        s = self.prepare()
        s.configure({"a": sh(f"if mkdir {s.path('first')}; then echo first life; exit 1; fi; echo second life;"
                             "exec sleep 1000", logs={"driver": "file"}, backoff=QUICK)})
        s.start()
        self.seen(s, "a@1", "second life")
        out = s.ok("logs", "-p", "a@1")
        self.assertIn("first life", out)
        self.assertNotIn("second life", out)

    def test_output_is_kept_in_order_over_restarts(self):
        """row 83"""
        s = self.prepare()
        s.configure({"a": sh(f"echo x >> {s.path('n')}; echo life $(wc -l < {s.path('n')}); exit 1", backoff=QUICK,
                             max_crashes=4, max_cooldowns=0, logs={"driver": "file"})})
        s.start()
        s.wait_state("a", "failed")
        self.assertEqual(s.ok("logs", "a@1").splitlines(), [f"life {number}" for number in (1, 2, 3, 4)])

    def test_rotation_under_a_writer_loses_no_line(self):
        """issue 2: files rotated in place without a lost line"""
        s = self.prepare()
        count = 30000
        s.configure({"a": py(f"""
import os, time
for start in range(0, {count}, 100):
    os.write(1, b''.join(b'%08d some text to fill the line\\n' % n for n in range(start, start + 100)))
    time.sleep(0.002)
open('{s.path('done')}', 'w')
time.sleep(1000)""", logs={"driver": "file", "max_size": "128K", "keep": 100})})
        s.start()
        until(lambda: os.path.exists(s.path("done")), "all is written")
        places = []
        for directory, _, names in os.walk(s.state):
            places += [os.path.join(directory, name) for name in names if ".log" in name]
        until(lambda: [p for p in os.listdir(os.path.dirname(places[0])) if p.endswith(".1")], lambda: places)
        out = [int(line.split()[0]) for line in s.ok("logs", "-n", "100000", "a@1").splitlines()]
        self.assertEqual(len(out), count)
        self.assertEqual(out, list(range(count)))

    def test_a_log_stays_near_its_limit(self):
        """interface.md: max_size, keep"""
        s = self.run_with({"a": sh("while :; do echo 0123456789012345678901234567890123456789; done",
                                   logs={"driver": "file", "max_size": "64K", "keep": 1})})

        def rotated():
            for directory, _, names in os.walk(s.state):
                if any(name.endswith(".log.1") for name in names):
                    return True
        until(rotated, "the log was rotated")
        s.ok("stop", "a")

    def test_hostile_bytes_reach_no_terminal(self):
        """architecture: the CLI cleans what workers wrote; NUL and broken UTF-8 are no error"""
        s = self.run_with({"a": py("import os, time; os.write(1, b'a\\xff\\x00b\\n\\x1b[31mred\\nend\\n');"
                                   "time.sleep(1000)", logs={"driver": "file"})})
        out = self.seen(s, "a@1", "end")
        self.assertEqual(len(out.splitlines()), 3)

    def test_status_shows_the_last_ten_lines(self):
        """interface.md: status: last 10 log lines"""
        s = self.run_with({"a": sh("seq 1 30; exec sleep 1000", logs={"driver": "file"})})
        self.seen(s, "a@1", "30")
        self.assertEqual(s.detail("a")["instances"][0]["last_lines"], [str(n) for n in range(21, 31)])


class Events(SystemTest):
    def test_history_has_ascending_ids_and_says_who_did_what(self):
        """architecture: who, what, why"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        s.ok("stop", "a", "--reason", "tidying up")
        events = s.events()
        ids = [event["id"] for event in events]
        self.assertEqual(ids, list(range(ids[0], ids[0] + len(ids))))
        stop = s.events("operator.stop", "a")[-1]
        self.assertIn("tidying up", stop["message"])
        self.assertIn("0", stop["actor"])
        for event in events:
            self.assertEqual(set(event), {"id", "at", "type", "severity", "worker", "instance", "actor", "message",
                                          "details"})

    def test_following_events_shows_what_comes(self):
        """interface.md: events -f"""
        s = self.run_with({"a": steady(autostart=False)})
        last = s.events()[-1]["id"]
        follower = s.begin("events", "-f", "-o", "jsonl", "--after", str(last))
        s.ok("start", "a")
        types = []
        while "instance.started" not in types:
            types.append(json.loads(follower.stdout.readline())["type"])
        self.assertIn("operator.start", types)

    def test_following_goes_on_over_a_crash_of_the_supervisor_without_gap_or_repeat(self):
        """interface.md: SSE with Last-Event-ID"""
        s = self.run_with({"a": steady(autostart=False, backoff=NEVER)})
        follower = s.begin("events", "-f", "-o", "jsonl", "--after", "0", "--limit", "1000")
        s.ok("start", "a")
        s.kill9()
        s.start()
        s.ok("stop", "a")
        ids, seen = [], ""
        while seen != "operator.stop":
            event = json.loads(follower.stdout.readline())
            ids.append(event["id"])
            seen = event["type"]
        self.assertEqual(ids, list(range(ids[0], ids[0] + len(ids))))

    def test_events_can_be_asked_for_by_worker_and_type(self):
        """interface.md: events --type --worker --after"""
        s = self.run_with({"a": steady(), "b": steady()})
        s.wait_up("a"), s.wait_up("b")
        rows = s.json("events", "--worker", "a", "--type", "instance")
        self.assertTrue(rows)
        self.assertEqual({row["worker"] for row in rows}, {"a"})
        self.assertTrue(all(row["type"].startswith("instance.") for row in rows))
        later = s.json("events", "--after", str(rows[0]["id"]), "--worker", "a", "--type", "instance")
        self.assertEqual(later, rows[1:])
