"""`novasup top` in a real terminal: tmux holds the screen, types the keys and changes the window."""

import datetime
import os
import re
import shutil
import subprocess
import unittest

from harness import TOP, SystemTest, alive, py, read, sh, steady, until
from test_decisions import fleet, settings
from test_model_calls import GATEWAY, call

TMUX = shutil.which("tmux")


class Terminal:
    """One tmux server with one window. Must end with its test."""

    def __init__(self, supervisor, command, columns=110, rows=16, environment=None):
        self.path = supervisor.path("tmux")
        self.environment = {**supervisor.environment, "TERM": "xterm-256color", **(environment or {})}
        words = " ".join(f"{name}='{value}'" for name, value in (environment or {}).items())
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", str(columns), "-y", str(rows),
                  f"env {words} {command}; echo ended with $?; sleep 1000")

    def tmux(self, *words):
        done = subprocess.run([TMUX, "-S", self.path, *words], env=self.environment, capture_output=True, text=True, timeout=20)
        if done.returncode != 0:
            raise AssertionError(f"tmux {words}: {done.stderr}")
        return done.stdout

    def keys(self, *keys):
        self.tmux("send-keys", "-t", "t", *keys)

    def screen(self, *more):
        return self.tmux("capture-pane", "-p", "-t", "t", *more)

    def lines(self):
        return [line.rstrip() for line in self.screen().splitlines()]

    def shows(self, text, seconds=None):
        return until(lambda: text in self.screen() and self.lines(), lambda: f"{text!r} is shown:\n{self.screen()}", seconds)

    def close(self):
        subprocess.run([TMUX, "-S", self.path, "kill-server"], env=self.environment, capture_output=True)


@unittest.skipUnless(TMUX, "tmux is not installed")
class Top(SystemTest):
    """interface: live resource and money table, keys to sort, pause, kill, quit."""

    def open(self, workers, settings=None, environment=None, **size):
        s = self.run_with(workers, settings)
        for name, spec in workers.items():
            if spec.get("autostart", True):
                s.wait_up(name)
        terminal = Terminal(s, f"{s.bin}/novasup --socket {s.socket} top", environment=environment, **size)
        self.addCleanup(terminal.close)
        terminal.shows("q quit")
        return s, terminal

    def names(self, terminal):
        """The workers in the order of the screen."""
        return re.findall(r"^([a-z]+@\d+) ", terminal.screen(), re.M)

    def test_it_is_live_and_sorts(self):
        s, terminal = self.open({"calm": steady(), "busy": py("while True: pass"), "large": py(
            "x = bytearray(60 << 20)\nimport time\nwhile True: time.sleep(1)")}, {"budget": {"daily": "20.00"}})
        until(lambda: self.names(terminal)[:1] == ["busy@1"], lambda: f"by CPU first\n{terminal.screen()}")
        first = terminal.lines()
        self.assertRegex(first[0], r"^novasup top  3 instances, 3 up, sorted by cpu$")
        self.assertRegex(first[1], r"^today \$0\.[0-9]+ of \$20\.00, .*earned \$0\.00$")
        self.assertRegex(first[2], r"^NAME +STATE +PID", "without a gateway nothing is said of models")
        status = s.api("GET", "/v1/status")[1]
        self.assertEqual((status["model_cost_today_usd"], status["model_tokens_per_minute"]), (None, None))
        picture = read(os.path.join(TOP, "README.md")).split("$ novasup top\n")[1].split("```")[0].splitlines()
        self.assertEqual(first[2].split(), picture[2].split(), "the picture in the README has these columns")
        self.assertEqual(first[-1], picture[-1], "and these keys")
        for line, form in zip(picture, (r"novasup top  \d+ instances, \d+ up, sorted by \w+", r"today \$\S+ of \$\S+, .*earned \$\S+")):
            self.assertRegex(line, f"^{form}$")
        terminal.keys("m")
        until(lambda: self.names(terminal)[0] == "large@1" and "sorted by memory" in terminal.screen(), terminal.screen)
        terminal.keys("n")
        until(lambda: self.names(terminal) == ["busy@1", "calm@1", "large@1"], terminal.screen)
        before = re.search(r"busy@1 .*", terminal.screen())[0]
        until(lambda: re.search(r"busy@1 .*", terminal.screen())[0] != before, "a second later the figures are others")
        s.ok("stop", "calm")
        until(lambda: re.search(r"calm@1 +stopped", terminal.screen()) and "2 up" in terminal.screen(), terminal.screen)
        terminal.keys("q")
        terminal.shows("ended with 0")
        self.assertNotIn("sorted by", terminal.screen(), "the screen from before is back")
        self.assertEqual(terminal.tmux("display", "-p", "-t", "t", "#{cursor_flag}").strip(), "1", "the cursor is back")

    def test_what_models_cost_is_in_the_head(self):
        """issue 8, line 7: live tokens and dollars in top"""
        s, terminal = self.open({"caller": steady(gateway={"providers": ["anthropic"]})}, {"gateway": GATEWAY})
        terminal.shows("models $0.00 today, 0 tokens a minute")
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        told = s.api("POST", "/v1/gateway/calls", {"calls": [call("one", 12_345_678_901, at=now)], "close": []})
        self.assertEqual(told[0], 200, told)
        lines = terminal.shows("120 tokens a minute")
        self.assertEqual(lines[2], "models $0.0123 today, 120 tokens a minute")

    def test_keys_pause_resume_and_kill_after_a_yes(self):
        s, terminal = self.open({"a": steady(), "b": steady()})
        terminal.keys("n")
        terminal.shows("sorted by name")
        terminal.keys("Down")
        terminal.keys("p")
        terminal.shows("pause b@1? [y/N]")
        terminal.keys("n")
        terminal.shows("q quit")
        self.assertEqual(s.row("b")["state"], "running")
        terminal.keys("p", "y")
        until(lambda: re.search(r"b@1 +paused", terminal.screen()), terminal.screen)
        terminal.keys("r")
        until(lambda: re.search(r"b@1 +running", terminal.screen()), terminal.screen)
        pid = s.row("b")["pid"]
        terminal.keys("k")
        terminal.shows("kill b@1? [y/N]")
        terminal.keys("x")
        terminal.shows("q quit")
        self.assertTrue(alive(pid))
        terminal.keys("k", "y")
        until(lambda: not alive(pid), "it is killed")
        self.assertTrue(alive(s.row("a")["pid"]))
        self.assertIn("novasup top", s.events(type="operator.pause")[0]["message"] + str(s.events(type="operator.pause")[0]))

    def test_what_the_engine_asks_is_answered_from_here(self):
        s, terminal = self.open({"loser": fleet()["loser"], "a": steady()}, settings("threshold"))
        lines = terminal.shows("asks ", 60)
        asked = next(row for row in s.json("decisions") if row["state"] == "pending")
        self.assertRegex(lines[2], rf"^asks {asked['id']}: kill loser, ")
        terminal.keys("x")
        terminal.shows(f"reject decision {asked['id']}, kill loser? [y/N]")
        terminal.keys("n")
        terminal.keys("a")
        terminal.shows(f"approve decision {asked['id']}, kill loser? [y/N]")
        terminal.keys("y")
        terminal.shows("kill loser executed")
        s.wait_state("loser", "stopped")
        row = next(row for row in s.json("decisions") if row["id"] == asked["id"])
        self.assertEqual(row["state"], "executed")
        until(lambda: "asks " not in terminal.screen(), terminal.screen)

    def test_a_window_of_any_size(self):
        s, terminal = self.open({f"worker{letter}": steady(instances=4) for letter in "abcde"})
        for columns, rows in ((60, 8), (30, 5), (200, 40), (110, 16)):
            terminal.tmux("resize-window", "-t", "t", "-x", str(columns), "-y", str(rows))
            wide = "q quit"[:columns]
            until(lambda: terminal.lines()[-1].startswith(wide) and terminal.lines()[0].startswith("novasup top"),
                  lambda: f"{columns} x {rows}\n{terminal.screen()}")
            self.assertEqual(len(terminal.lines()), rows)
            named = len(re.findall(r"^worker.@\d", terminal.screen(), re.M))
            self.assertEqual(named, min(20, rows - (4 if rows >= 8 else 3)), terminal.screen())
        terminal.keys("n")
        for _ in range(19):
            terminal.keys("Down")
        terminal.shows("workere@4")
        terminal.keys("PageUp", "PageUp", "PageUp")
        terminal.shows("workera@1")

    def test_without_colour_it_says_the_same(self):
        s, terminal = self.open({"a": steady(), "crash": sh("exit 1", restart="never", autostart=False)}, environment={"NO_COLOR": "1"})
        plain = terminal.screen("-e")
        self.assertNotRegex(plain, r"\x1b\[(3[0-8]|1|2)m", "no colour")
        self.assertIn("\x1b[7m", plain, "the selection is still seen")
        self.assertRegex(terminal.screen(), r"a@1 +running")

    def test_a_dumb_terminal_gets_the_table_once(self):
        s = self.run_with({"a": steady()})
        terminal = Terminal(s, f"{s.bin}/novasup --socket {s.socket} top", environment={"TERM": "dumb"})
        self.addCleanup(terminal.close)
        lines = terminal.shows("ended with 0")
        self.assertRegex(lines[0], r"^NAME +STATE")
        self.assertRegex(lines[1], r"^a@1 +(running|starting)")

    def test_ctrl_c_and_a_supervisor_that_restarts(self):
        s, terminal = self.open({"a": steady()})
        s.kill9()
        terminal.shows("the supervisor does not answer")
        s.start()
        until(lambda: "does not answer" not in terminal.screen(), terminal.screen)
        terminal.keys("C-c")
        terminal.shows("ended with 130")
        self.assertNotIn("sorted by", terminal.screen())
