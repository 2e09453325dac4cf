"""What a worker says over sd_notify(3) while the brain dies is heard, and heard once: a datagram leaves its queue only when
the disk has what became of it (issue 3, point 1)."""

import os
import signal

from harness import NEVER, NOTIFY, QUICK, SystemTest, py, until

# Where the brain dies: from before a word is heard to after the disk has confirmed it.
POINTS = ["adopting", "drained", "heard", "decided", "performed", "answered", "committed", "flushed", "stored", "acknowledged"]
ROUNDS = 3
# At how many arrivals at the moment, one after the other, while the words wait.
ARRIVALS = 5


class Words(SystemTest):
    """One test a moment is added below."""

    def fleet(self):
        s = self.prepare()
        go = s.path("go")
        said, left = s.path("said"), s.path("left")
        s.configure({
            # One that becomes ready in each round.
            **{f"slow-{n}": py(NOTIFY + f"wait_for('{go}-{n}'); notify('READY=1'); time.sleep(1000)",
                               ready="notify", start_timeout="1h", backoff=NEVER) for n in range(1, ROUNDS + 1)},
            # One that lives on and says what each round has cost, twice the same and without a name for it.
            "earner": py(NOTIFY + f"for n in range(1, {ROUNDS} + 1):\n  wait_for(f'{go}-{{n}}')\n"
                         + "  for _ in range(2): notify('X_NOVA_RUN=ok\\nX_NOVA_COST_USD=0.25')\n"
                         + f"  open(f'{said}-{{n}}', 'w').close()\ntime.sleep(1000)"),
            # One whose last words are that.
            "leaver": py(NOTIFY + f"n = 1\nwhile os.path.exists(f'{left}-{{n}}'): n += 1\nwait_for(f'{go}-{{n}}')\n"
                         + f"open(f'{left}-{{n}}', 'w').close(); notify('X_NOVA_RUN=ok\\nX_NOVA_COST_USD=0.5')", backoff=QUICK)})
        return s.start()

    def said_in(self, s, n):
        """Everything of a round is said, and what follows from it is there."""
        return (s.sql("SELECT worker, count(*), sum(reported_cost_micro) FROM run GROUP BY 1 ORDER BY 1")
                == [("earner", 2 * n, 500_000 * n), ("leaver", n, 500_000 * n)]
                and all(s.state_of(f"slow-{k}") == "ready" for k in range(1, n + 1)))

    def is_over(self, s, n):
        try:
            return self.said_in(s, n) and s.row("leaver")["pid"] is not None
        except (OSError, AssertionError):
            return False

    def die_at(self, point):
        s = self.fleet()
        for name in ("earner", "leaver", *(f"slow-{n}" for n in range(1, ROUNDS + 1))):
            until(lambda: s.row(name)["pid"], f"{name} lives")
        pids = {name: s.row(name)["pid"] for name in ("earner", *(f"slow-{n}" for n in range(1, ROUNDS + 1)))}
        deaths = 0
        for n in range(1, ROUNDS + 1):
            s.kill9()
            # The words are said while nobody is there, or while the next one begins, or lives.
            if n == 1:
                s.touch(f"go-{n}")
            for arrival in range(1, ARRIVALS + 1):
                # A helper that prints a backtrace would hold the lock for a moment longer than the brain lives.
                s.environment.update(NOVA_FAULT=f"{point}:{arrival}", SWIFT_BACKTRACE="enable=no")
                s.launch()
                if n == 2 and arrival == 1:
                    s.touch(f"go-{n}")
                if n == 3 and arrival == 1:
                    until(lambda: s.process.poll() is not None or self.answers(s), "it lives or died")
                    s.touch(f"go-{n}")
                until(lambda: s.process.poll() is not None or self.is_over(s, n), "it died, or nothing is left to happen")
                if s.process.poll() is None:
                    s.kill9()
                else:
                    self.assertEqual(s.process.wait(), -signal.SIGABRT, s.said())
                    deaths += 1
            del s.environment["NOVA_FAULT"]
            s.start()
            until(lambda: self.said_in(s, n), lambda: (
                n, s.sql("SELECT worker, run, reported_cost_micro FROM run"), s.rows(), s.events("report.refused")))
        self.assertGreater(deaths, 0, "the moment never came")
        self.assertEqual({name: s.row(name)["pid"] for name in pids}, pids)
        self.assertEqual([s.row(name)["restarts_total"] for name in pids], [0] * len(pids))
        self.assertEqual(s.sql("SELECT -sum(amount_micro) FROM entry WHERE kind = 'reported'"), [(1_000_000 * ROUNDS,)])
        self.assertEqual(s.events("report.refused"), [])
        self.assertEqual(s.events("instance.lost"), [])

    def answers(self, s):
        try:
            return s.api("GET", "/v1/status")[1]["phase"] == "running"
        except OSError:
            return False


def at(point):
    def test(self):
        self.die_at(point)
    test.__doc__ = "issue 3, 1: what they sent meanwhile arrives; no cent is lost or counted twice"
    return test


for point in POINTS:
    setattr(Words, f"test_words_said_around_a_death_when_{point}_are_heard_once", at(point))
