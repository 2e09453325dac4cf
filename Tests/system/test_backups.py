"""Copies of the state database: made while it works, judged, put back, and taken when the database is found damaged.

issue 3, points 9 and 6."""

import os
import shutil
import sqlite3
import stat
import threading

from harness import QUICK, SystemTest, alive, read, sh, signal_pid, steady, until


def rows(path, query):
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


class Copies(SystemTest):
    def test_a_copy_is_whole_while_the_supervisor_writes_on(self):
        """issue 3, 9: consistent while running"""
        s = self.prepare({"a": sh("exit 1", backoff={**QUICK, "delay": "10ms", "max": "10ms"}, max_crashes=1000), "b": steady()})
        s.start()
        s.wait_up("b")
        until(lambda: s.starts_of("a") > 20, "it writes")
        files = [s.path(f"copy{number}.db") for number in range(3)]
        for path in files:
            self.assertIn(path, s.ok("backup", "create", path))
            self.assertIn("is good", s.ok("backup", "verify", path))
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            self.assertEqual(rows(path, "PRAGMA integrity_check"), [("ok",)])
            self.assertEqual(rows(path, "SELECT count(*) - max(id) FROM event"), [(0,)], "no event is missing in it")
            self.assertEqual(rows(path, "PRAGMA journal_mode"), [("delete",)], "one file, without a journal")
        counts = [rows(path, "SELECT count(*) FROM event")[0][0] for path in files]
        self.assertEqual(counts, sorted(counts))
        self.assertEqual([name for name in os.listdir(s.dir) if "partial" in name], [])

    def test_the_loop_turns_while_a_copy_is_made(self):
        """issue 3, 9: never blocks the loop"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        asked = []
        worker = threading.Thread(target=lambda: asked.append(s.cli("backup", "create", s.path("copy.db"))))
        worker.start()
        while worker.is_alive():
            self.assertEqual(s.api("GET", "/v1/status")[0], 200)
        worker.join()
        self.assertEqual(asked[0].code, 0, str(asked[0]))

    def test_nothing_that_exists_is_overwritten(self):
        """issue 3, 9"""
        s = self.run_with({"a": steady()})
        path = s.path("precious")
        with open(path, "w") as f:
            f.write("precious")
        self.assertExit(s.cli("backup", "create", path), 8, path, "exists")
        self.assertEqual(read(path), "precious")
        self.assertExit(s.cli("backup", "create", "/nonexistent/x.db"), 1, "/nonexistent/x.db")

    def test_bad_files_are_told_from_good_ones(self):
        """issue 3, 9: backup verify"""
        s = self.run_with({"a": steady()})
        good = s.path("good.db")
        s.ok("backup", "create", good)
        with open(good, "rb") as f:
            content = f.read()
        for name, bad in (("cut", content[:len(content) // 2 & ~4095]), ("empty", b""), ("text", b"no database at all" * 300),
                          ("pages", content[:8192] + b"\xa5" * 8192 + content[16384:])):
            with open(s.path(name), "wb") as f:
                f.write(bad)
            self.assertExit(s.cli("backup", "verify", s.path(name)), 1, s.path(name))
        self.assertExit(s.cli("backup", "verify", s.path("absent")), 1, s.path("absent"))

    def test_a_copy_is_put_back_and_what_it_replaces_is_kept(self):
        """issue 3, 9: backup restore"""
        s = self.run_with({"a": steady(), "b": steady()})
        s.wait_up("a"), s.wait_up("b")
        s.ok("stop", "a")
        copy = s.path("copy.db")
        s.ok("backup", "create", copy)
        s.ok("start", "a")
        s.ok("stop", "b")
        self.assertExit(s.cli("backup", "restore", copy, "--state", s.state), 1, "another supervisor")
        s.stop()
        self.assertIn("kept as", s.ok("backup", "restore", copy, "--state", s.state))
        kept = [name for name in os.listdir(s.state) if "replaced" in name]
        self.assertEqual(len([name for name in kept if name.endswith("Z")]), 1, kept)
        s.start()
        s.wait_up("b")
        self.assertEqual(s.state_of("a"), "stopped", "what people wanted when the copy was made")

    def test_the_daily_one_comes_by_itself_and_a_few_are_kept(self):
        """issue 3, 9: an automatic daily one with retention"""
        s = self.run_with({"a": steady()}, settings={"backups": {"interval": "1ms", "keep": 2}})
        shelf = os.path.join(s.state, "backups")
        until(lambda: os.path.isdir(shelf) and os.listdir(shelf), "the first one comes half a minute after the start", 120)
        for _ in range(3):
            # One at a time: its own may be under way, which is said as trouble that passes.
            until(lambda: s.cli("backup", "create").code == 0, "one is made by order")
        listed = s.json("backup", "list")
        self.assertGreaterEqual(len(listed), 4)
        self.assertEqual(sorted(os.listdir(shelf)), [os.path.basename(row["path"]) for row in listed])
        self.assertTrue(s.events("backup.made"))


class Damage(SystemTest):
    def damaged(self, damage, settings=None):
        """A supervisor with a backup that ended hard, and whose database was then damaged."""
        s = self.run_with({"a": steady(backoff=QUICK), "b": steady()}, settings=settings)
        pid = s.wait_up("a")["pid"]
        s.ok("stop", "b")
        s.ok("backup", "create")
        signal_pid(pid)
        pid = s.wait_new_pid("a", pid)["pid"]
        until(lambda: s.sql("SELECT count(*) FROM incarnation WHERE exit_status = 'signaled 9'") == [(1,)], "it is booked")
        path = self.end_hard(s)
        damage(path)
        return s, pid, path

    def end_hard(self, s):
        """The supervisor dies; all it wrote is in the one file, where a page can be damaged."""
        s.kill9()
        path = os.path.join(s.state, "nova.db")
        with sqlite3.connect(path) as books:
            books.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        books.close()
        return path

    def recovers(self, damage):
        s, pid, path = self.damaged(damage)
        with open(path, "rb") as f:
            bad = f.read()
        s.start()
        row = s.wait_up("a")
        self.assertEqual(row["pid"], pid, "the worker that began after the backup goes on")
        self.assertEqual(s.state_of("b"), "stopped", "what people want is in the backup")
        warning = s.api("GET", "/v1/status")[1]["warnings"][0]
        self.assertIn("damaged", warning)
        event = s.events("ledger.restored")[-1]
        self.assertEqual(event["severity"], "critical")
        self.assertIn("nova-000001.db", event["message"])
        self.assertIn("is lost", event["message"])
        kept = [name for name in os.listdir(s.state) if name.startswith("nova.db.damaged-") and name.endswith("Z")]
        if bad:
            self.assertEqual(len(kept), 1, os.listdir(s.state))
            self.assertEqual(open(os.path.join(s.state, kept[0]), "rb").read(), bad, "the damaged file is kept as it was")
        # It works on: an exit is booked, another start finds a whole database and says nothing.
        signal_pid(pid)
        s.wait_new_pid("a", pid)
        until(lambda: s.sql("SELECT count(*) FROM incarnation WHERE pid = ? AND exit_status = 'signaled 9'", pid) == [(1,)],
              "its exit is booked")
        s.kill9()
        s.start()
        self.assertEqual(s.api("GET", "/v1/status")[1]["warnings"], [])
        self.assertEqual(len(s.events("ledger.restored")), 1)

    def test_a_header_of_garbage(self):
        """issue 3, 6: a corrupted database"""
        def damage(path):
            with open(path, "r+b") as f:
                f.write(b"\xa5" * 4096)
        self.recovers(damage)

    def test_pages_of_garbage(self):
        """issue 3, 6: a corrupted database"""
        def damage(path):
            with open(path, "r+b") as f:
                f.seek(8192)
                f.write(b"\xa5" * 8 * 4096)
        self.recovers(damage)

    def test_a_truncated_file(self):
        """issue 3, 6: a truncated database"""
        self.recovers(lambda path: os.truncate(path, os.path.getsize(path) // 2 & ~4095))

    def test_a_file_of_no_length(self):
        """issue 3, 6: a truncated database"""
        self.recovers(lambda path: os.truncate(path, 0))

    def test_the_newest_backup_that_is_whole_is_taken(self):
        """issue 3, 6: starts from the last good backup"""
        def damage(path):
            shelf = os.path.join(os.path.dirname(path), "backups")
            shutil.copy(os.path.join(shelf, "nova-000001.db"), os.path.join(shelf, "nova-000002.db"))
            for bad in (path, os.path.join(shelf, "nova-000002.db")):
                os.truncate(bad, 20_480)
        self.recovers(damage)

    def test_without_a_backup_it_is_a_person_s_decision(self):
        """issue 3, 6: never an empty history in the place of a lost one"""
        s = self.run_with({"a": steady()}, settings={"backups": {"interval": "0s"}})
        pid = s.wait_up("a")["pid"]
        path = self.end_hard(s)
        with open(path, "r+b") as f:
            f.write(b"\xa5" * 4096)
        before = open(path, "rb").read()
        self.assertExit(s.launch_and_fail(), 1, path)
        self.assertEqual(open(path, "rb").read(), before)
        self.assertTrue(alive(pid))
