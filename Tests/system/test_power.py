"""The power fails in the middle of a storm of reports: what was acknowledged is on the disk (issue 4.1).

powerloss.c takes back what the database wrote and did not flush, at a moment that comes from outside. So a commit that is
answered before it is flushed, or a checkpoint that trusts what the disk has not got, loses money here."""

import os
import shutil
import signal
import subprocess

from harness import TOP, py, read, until
from test_money import Money

SOURCE = os.path.join(TOP, "Tests/system/powerloss.c")


class PowerFails(Money):
    def prepared(self):
        compiler = shutil.which("cc") or shutil.which("clang")
        if compiler is None:
            self.skipTest("no C compiler is installed")
        s = self.prepare(settings={"accounting": {"booking_interval": "1s"}, "prices": {"cpu_hour": "36"}})
        library = os.path.join(s.base, "powerloss.so")
        subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
        s.environment.update(LD_PRELOAD=library, NOVA_POWER=s.path("power"))
        return s

    def acked(self, s):
        found = set()
        for name in ("a", "b", "c"):
            try:
                with open(s.path("acked-" + name)) as file:
                    found |= {f"{name}/{line.strip()}" for line in file if line.endswith("\n")}
            except FileNotFoundError:
                pass
        return found

    def test_what_was_acknowledged_survives_a_power_cut(self):
        """issue 4.1: power loss semantics"""
        s = self.prepared()
        s.configure({name: self.reporter(s, f"""
acked = open({s.path('acked-' + name)!r}, 'a')
n = 0
while True:
    n += 1
    status, answer = report(ok=True, cost_usd='0.0001', revenue_usd='0.01', run_id='r%d' % n)
    if status != 200: open({s.path('refused')!r}, 'a').write(str((status, answer)) + '\\n')
    assert status == 200, answer
    acked.write('r%d\\n' % n); acked.flush()""") for name in ("a", "b", "c")})
        s.start()
        for turn in range(6):
            before = len(self.acked(s))
            until(lambda: len(self.acked(s)) >= before + 40, lambda: f"{len(self.acked(s))} acknowledged")
            with open(s.path("power"), "w"):
                pass
            self.assertEqual(s.process.wait(30), -signal.SIGKILL)
            said = self.acked(s)
            os.unlink(s.path("power"))
            booked = {f"{worker}/{run}" for worker, run in s.sql("SELECT worker, run FROM run")}
            self.assertFalse(said - booked, f"cut {turn}: acknowledged and gone")
            s.start()
            self.assertEqual(s.sql("PRAGMA integrity_check"), [("ok",)])
        self.assertFalse(os.path.exists(s.path("refused")), read(s.path("refused"), ""))
        s.ok("stop", "a", "b", "c")
        self.books(s)
        self.assertIn("intact", s.ok("audit", "verify"))
        print(f"6 power cuts: {len(self.acked(s))} reports acknowledged, none lost")

    def test_the_cut_is_one(self):
        """A program that does not flush loses what it was told: else the test above would prove nothing."""
        s = self.prepared()
        path = os.path.join(s.base, "nova.db")
        code = (f"import sqlite3, sys\ndb = sqlite3.connect({path!r}, isolation_level=None)\n"
                "db.execute('PRAGMA journal_mode=WAL'); db.execute('PRAGMA synchronous=' + sys.argv[1])\n"
                "db.execute('CREATE TABLE IF NOT EXISTS t(x)')\n"
                "for x in range(10): db.execute('INSERT INTO t VALUES (?)', (x,))\n"
                f"open({s.path('power')!r}, 'w').close()\n"
                "db.execute('INSERT INTO t VALUES (99)')\n")
        python = py("")["command"][0]
        for mode, kept in (("OFF", 0), ("FULL", 10)):
            for name in (path, path + "-wal", path + "-shm", s.path("power")):
                if os.path.exists(name):
                    os.unlink(name)
            done = subprocess.run([python, "-I", "-S", "-c", code, mode], env={**os.environ, **s.environment})
            self.assertEqual(done.returncode, -signal.SIGKILL)
            count = subprocess.run(
                [python, "-I", "-S", "-c", f"import sqlite3; db = sqlite3.connect({path!r})\n"
                 "print(db.execute(\"SELECT count(*) FROM sqlite_master WHERE name = 't'\").fetchone()[0] "
                 "and db.execute('SELECT count(*) FROM t').fetchone()[0])"], capture_output=True, text=True, check=True)
            self.assertEqual(int(count.stdout), kept, mode)
