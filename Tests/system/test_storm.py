"""Workers that end as fast as they can, all at once: whoever asks is answered, heartbeats are heard (issue 7).

Nothing here says how fast: each deadline is one that only an answer which never comes would miss.
"""

import os

from harness import NOTIFY, SystemTest, argv, py, steady, until

# Few: whatever is tested beside it has two processors only.
BLINKS = 20

# Ended, and begun again without a moment between.
AT_ONCE = {"max_crashes": 1000, "crash_window": "1s", "backoff": {"delay": "0s", "jitter": "0%"}}


class Storm(SystemTest):
    def storm(self, more, s=None):
        """A storm of restarts, and other workers beside it."""
        s = s or self.prepare()
        s.configure({**{f"blink-{number}": argv("/bin/false", **AT_ONCE, autostart=False) for number in range(BLINKS)}, **more})
        s.start()
        for name, worker in more.items():
            if worker.get("autostart", True):
                s.wait_up(name)
        # None of them stays up, so nobody waits for that.
        s.ok("start", "blink-*", "--no-wait")
        self.rages(s)
        return s

    def restarts(self, s):
        return sum(row["restarts_total"] for row in s.rows() if row["name"].startswith("blink-"))

    def rages(self, s):
        """It goes on: sixty restarts more."""
        before = self.restarts(s)
        until(lambda: self.restarts(s) > before + 60, lambda: f"the storm goes on: {before}, then {self.restarts(s)}", 60)

    def test_orders_and_questions_are_answered(self):
        """Facts never run out in a storm: whoever waited for the last of them would wait for ever."""
        s = self.storm({"calm": steady()})
        calm = s.row("calm")["pid"]
        for turn in range(5):
            s.ok("pause", "calm")
            self.assertEqual(s.state_of("calm"), "paused", f"turn {turn}")
            s.ok("resume", "calm")
            self.assertEqual(s.row("calm")["pid"], calm, f"turn {turn}")
        self.rages(s)
        # And it ends when it is told to.
        s.ok("stop", "blink-*")
        until(lambda: not any(row["pid"] for row in s.rows() if row["name"].startswith("blink-")), "all have stopped", 60)
        self.assertEqual(s.row("calm")["pid"], calm)

    def test_heartbeats_are_heard(self):
        """Somebody who says each fifth of a second that he lives is not killed for three seconds of silence."""
        s = self.storm({"beating": py(
            NOTIFY + "notify('READY=1')\nwhile True:\n    notify('WATCHDOG=1')\n    time.sleep(0.2)\n",
            ready="notify", watchdog="3s")})
        pid = s.row("beating")["pid"]
        for _ in range(5):
            self.rages(s)
        self.assertEqual(s.row("beating")["pid"], pid)
        self.assertEqual(s.starts_of("beating"), 1)

    def test_the_words_of_short_lives_are_booked(self):
        """Who says what he has earned and is gone: whose the words are is known by then, or nobody would ever know."""
        s = self.prepare()
        words = "notify('X_NOVA_RUN=ok\\nX_NOVA_COST_USD=0.25')\n"
        self.storm({f"short-{n}": py(NOTIFY + words + f"open('{s.path('said')}-' + str(os.getpid()), 'w').close()\n",
                                     **AT_ONCE, autostart=False) for n in range(3)}, s)
        s.ok("start", "short-*", "--no-wait")

        def said():
            return sum(name.startswith("said-") for name in os.listdir(s.dir))
        until(lambda: said() > 60, lambda: f"sixty have spoken: {said()}", 100)
        s.ok("stop", "*")
        until(lambda: not any(row["pid"] for row in s.rows()), "all have stopped", 60)

        def booked():
            return s.sql("SELECT count(*), coalesce(sum(reported_cost_micro), 0) FROM run")[0]
        # A process may have been stopped between its words and its mark.
        until(lambda: said() <= booked()[0] <= said() + 3, lambda: f"{said()} have spoken, {booked()} are booked", 20)
        runs, cost = booked()
        self.assertEqual(cost, 250_000 * runs)
