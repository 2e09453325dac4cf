"""What the tests of hostile workers share: bystanders, how long they take to come back, and the attack in between.

The latency of a restart is measured from the SIGKILL of a bystander to the first instruction of its next life, alone and
during the attack, in the same run. It is printed and never judged: what is judged is that they come back at all, that
the supervisor answers, and that nothing of theirs is lost. Must never leave an attacker running: they live in groups.
"""

import os
import statistics
import time

import harness
from harness import SystemTest, read, sh, signal_pid, until

# A restart at once: 10 ms, so that the delay does not hide the latency.
AT_ONCE = {"delay": "10ms", "factor": 1, "max": "10ms", "jitter": "0%"}
ROUNDS = 8
NOBODY = "65534"
# Another user than NOBODY, with an account everywhere: daemon.
OTHER = "1"


def bystander(path, **keys):
    """A worker that says when it lives: its pid, in a file that is replaced at once."""
    return sh(f"echo $$ > {path}.new && mv {path}.new {path} && exec sleep 1000000", backoff=AT_ONCE,
              max_crashes=1000, **keys)


def attacker(code, **keys):
    """A Python worker that starts its attack when the test makes the file GO, as an unprivileged user.

    `say(NAME)` makes a file beside it, for the test to see how far it is."""
    go = keys.pop("go")
    prelude = f"""
import os, signal, socket, sys, time
here = {os.path.dirname(go)!r}
def say(name): open(os.path.join(here, name), 'w').close()
while not os.path.exists({go!r}): time.sleep(0.01)
"""
    return harness.py(prelude + code, **{"user": NOBODY, "group": NOBODY, "stop_timeout": "1s", **keys})


class HostileTest(SystemTest):
    """A supervisor with two bystanders and one worker that means harm."""

    figure = ""

    def attack(self, code, settings=None, others=None, **keys):
        """Starts all, measures the bystanders alone, lets the attack begin; the supervisor."""
        s = self.prepare(settings=settings)
        os.chmod(s.dir, 0o777)
        self.s = s
        workers = {name: bystander(s.path(name)) for name in ("near", "far")}
        workers["evil"] = attacker(code, go=s.path("go"), **keys)
        workers.update(others or {})
        s.configure(workers)
        s.start()
        for name in workers:
            if workers[name].get("autostart", True):
                s.wait_up(name)
        for name in ("near", "far"):
            until(lambda: read(s.path(name), ""), f"{name} says its pid")
        self.alone = self.latencies()
        s.touch("go")
        return s

    def latencies(self, rounds=ROUNDS):
        """Seconds from a bystander's death to its next life, several times."""
        found = []
        for number in range(rounds):
            path = self.s.path(("near", "far")[number % 2])
            old = read(path).strip()
            began = time.monotonic()
            signal_pid(int(old))
            deadline = began + harness.PATIENCE
            while read(path, old).strip() in (old, ""):
                if time.monotonic() > deadline:
                    self.fail("a bystander did not come back")
                time.sleep(0.001)
            found.append(time.monotonic() - began)
        return found

    def compare(self, what="the attack"):
        """Measures the bystanders again; the figure that the runner prints."""
        during = self.latencies()
        alone, now = statistics.median(self.alone), statistics.median(during)
        self.figure = (f"restart latency of the others {now * 1000:.0f} ms during {what}, {alone * 1000:.0f} ms alone, "
                       f"worst {max(during) * 1000:.0f} and {max(self.alone) * 1000:.0f} ms")

    def unharmed(self):
        """The supervisor and the shim are the same, it answers, and the bystanders are up."""
        s = self.s
        self.assertIsNone(s.process.poll(), "the supervisor ended")
        self.assertEqual(s.starts, 1)
        s.shim()
        status, body = s.api("GET", "/v1/status")
        self.assertEqual((status, body["phase"], body["ledger"]), (200, "running", "ok"))
        for name in ("near", "far"):
            row = s.wait_up(name)
            self.assertEqual(read(s.path(name)).strip(), str(row["pid"]))

    def need_root(self):
        if os.geteuid() != 0:
            self.skipTest("needs root: the attacker is another user")


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))

