"""The invariants, from what the kernel says (`observer.py`) and what the database holds.

Must never ask the supervisor's API: a judge who believes the accused finds nothing."""

import json
import os
import sqlite3
import subprocess
import sys

import harness
from fleet import FLEET

HERE = os.path.dirname(os.path.abspath(__file__))


class Judge:
    def __init__(self, supervisor):
        self.s = supervisor
        root = next(iter(supervisor.roots))
        self.eye = subprocess.Popen([sys.executable, os.path.join(HERE, "observer.py"), supervisor.runtime, root],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.eye.stdout.readline() != "ready\n":
            raise OSError("the observer cannot listen to the kernel's process events")
        # Ended lives not found in the books yet, and rows of the books not matched with a life yet, by pid.
        self.unbooked = []
        self.rows = {}
        # Children that ended before exec, by pid: see `match`.
        self.stillborn = {}
        self.last_event = 0
        self.last_serial = 0
        self.done = set()
        self.counts = {"lives booked exactly once": 0, "events without a gap": 0, "spawns that never became a program": 0}
        self.last_end = {}

    def close(self):
        self.eye.stdin.close()
        self.eye.wait()

    def look(self):
        self.eye.stdin.write("look\n")
        self.eye.stdin.flush()
        seen = json.loads(self.eye.stdout.readline())
        if seen["lost"]:
            raise AssertionError("the kernel dropped process events: nothing can be said about exits")
        for life in seen["ended"]:
            self.unbooked.append(life)
            if life["slot"]:
                self.alone(life)
        return seen

    def alone(self, life):
        """At most one incarnation a slot: this one was born after the one before had ended."""
        before = self.last_end.get(life["slot"])
        if before and life["born_ns"] < before["ended_ns"] and life["ended_ns"] > before["born_ns"]:
            raise AssertionError(f"two at once in {life['slot']}: {before} and {life}")
        if not before or life["ended_ns"] > before["ended_ns"]:
            self.last_end[life["slot"]] = life

    # What should be

    def difference(self, seen, wishes):
        """What is not as it was asked for; empty when all is well."""
        wrong = []
        mains = {}
        for life in seen["living"]:
            mains.setdefault(life["slot"], []).append(life["pid"])
        for slot, pids in mains.items():
            if slot and len(pids) > 1:
                raise AssertionError(f"two at once in {slot}: {pids}")
        if seen["strays"]:
            wrong.append(f"outside every group: {seen['strays']}")
        if len(seen["shims"]) != 1:
            wrong.append(f"shims: {seen['shims']}")
        by_worker = {}
        for group, state in seen["groups"].items():
            name, number = group[2:].rsplit("-", 1)
            by_worker.setdefault(name, {})[int(number)] = (group, state)
        for name in by_worker.keys() - wishes.keys():
            wrong.append(f"a group of nobody: {name}")
        for name, wish in wishes.items():
            groups = {n: pair for n, pair in by_worker.get(name, {}).items() if pair[1]["populated"]}
            running = {n for n, (group, _) in groups.items() if mains.get(group)}
            kind = FLEET[name][0]
            if not wish.wanted and groups:
                wrong.append(f"{name} is stopped and lives: {groups}")
            elif groups and max(groups) > wish.count:
                wrong.append(f"{name} has {sorted(groups)} and should have {wish.count}")
            elif wish.paused and any(not state["frozen"] for _, state in groups.values()):
                wrong.append(f"{name} is paused and not frozen: {groups}")
            elif not wish.paused and any(state["frozen"] for _, state in groups.values()):
                wrong.append(f"{name} is not paused and frozen: {groups}")
            elif kind == "stays" and wish.wanted and not wish.paused and running != set(range(1, wish.count + 1)):
                wrong.append(f"{name} runs as {sorted(running)} and should as 1..{wish.count}")
        return wrong

    # The books

    def read_books(self, thorough=False):
        """Takes what is new in the database and matches it with what the kernel said."""
        path = f"file:{self.s.state}/nova.db?mode=ro"
        with sqlite3.connect(path, uri=True, timeout=20) as books:
            # Each start begins a block of 65,536. What began four starts ago is only looked for where an end was seen.
            floor = -1 if thorough else self.last_serial - 4 * 65_536
            pids = ",".join(str(life["pid"]) for life in self.unbooked) or "-1"
            rows = books.execute(
                "SELECT serial, worker, number, pid, ended_usec, exit_status,"
                " cpu_usec - (SELECT coalesce(sum(cpu_usec), 0) FROM usage_booking WHERE incarnation = serial),"
                " cost_micro - (SELECT coalesce(sum(cost_micro), 0) FROM usage_booking WHERE incarnation = serial)"
                f" FROM incarnation WHERE ended_usec IS NOT NULL AND (serial > ? OR pid IN ({pids})) ORDER BY serial", (floor,)).fetchall()
        books.close()
        for serial, worker, number, pid, _, status, cpu_off, cost_off in rows:
            if serial in self.done:
                continue
            self.done.add(serial)
            self.last_serial = max(self.last_serial, serial)
            if (cpu_off, cost_off) != (0, 0):
                raise AssertionError(f"the books of incarnation {serial} do not add up: {cpu_off} us, {cost_off} micro-USD")
            self.rows.setdefault(pid, {})[serial] = (f"w-{worker}-{number}", status)
        # Workers go on ending: what is booked by now has certainly been seen by now.
        self.look()
        self.match()

    def match(self):
        left = []
        for life in self.unbooked:
            rows = self.rows.get(life["pid"], {})
            serial = min(rows, default=None)
            if serial is None:
                left.append(life)
                continue
            slot, status = rows.pop(serial)
            if life["slot"] not in (None, slot) or status != text(life["status"]):
                raise AssertionError(f"booked as {slot} {status}, and it was {life}, {text(life['status'])}")
            self.counts["lives booked exactly once"] += 1
        # A child that ended before exec is a failed start, and there is nothing to book. One that was killed there said
        # nothing of a failure: whoever waits for exec cannot tell it from a life, and may book it as one.
        self.unbooked = [life for life in left if life["exec"]]
        for life in left:
            if not life["exec"]:
                self.stillborn[life["pid"]] = life
        self.counts["spawns that never became a program"] += len(left) - len(self.unbooked)
        for pid, rows in self.rows.items():
            life = self.stillborn.get(pid)
            if life and os.WIFSIGNALED(life["status"]):
                serial = next((key for key, (_, status) in rows.items() if status == text(life["status"])), None)
                if serial is not None:
                    del rows[serial], self.stillborn[pid]

    def unbooked_of(self, mark):
        """Lives that ended before `mark` and are not in the books."""
        self.read_books()
        return [life for life in self.unbooked if life["ended_ns"] <= mark]

    def check_database(self, thorough):
        """Integrity, no gap in the events, no life in the books that never was."""
        if thorough:
            self.read_books(thorough=True)
        twice = {pid: rows for pid, rows in self.rows.items() if rows}
        if twice:
            raise AssertionError(f"booked, and no process ended so: {twice}")
        with sqlite3.connect(f"file:{self.s.state}/nova.db?mode=ro", uri=True, timeout=20) as books:
            answer = books.execute("PRAGMA integrity_check(5)" if thorough else "PRAGMA quick_check(5)").fetchall()
            if answer != [("ok",)]:
                raise AssertionError(f"the database is damaged: {answer}")
            if books.execute("PRAGMA foreign_key_check").fetchall():
                raise AssertionError("rows of the database point to nothing")
            count, last, dropped = books.execute(
                "SELECT count(*), coalesce(max(id), ?1), coalesce(sum(type = 'ledger.events_dropped'), 0) FROM event WHERE id > ?1",
                (self.last_event,)).fetchone()
            if last - self.last_event != count or dropped:
                raise AssertionError(f"{count} events after {self.last_event}, the last is {last}, {dropped} gaps were named")
            self.last_event = last
            self.counts["events without a gap"] = last
            if thorough:
                wrong = books.execute(
                    "SELECT u.worker, u.number FROM instance_usage u JOIN (SELECT worker, number, count(*) AS lives,"
                    " sum(cost_micro) AS cost, sum(cpu_usec) AS cpu FROM incarnation GROUP BY 1, 2) i USING (worker, number)"
                    " WHERE (u.incarnations, u.cost_micro, u.cpu_usec) <> (i.lives, i.cost, i.cpu)").fetchall()
                if wrong:
                    raise AssertionError(f"the totals of {wrong} are not the sum of their lives")
        books.close()


def text(status):
    """A wait status as the database writes it."""
    if os.WIFEXITED(status):
        return f"exited {os.WEXITSTATUS(status)}"
    return f"{'dumped' if os.WCOREDUMP(status) else 'signaled'} {os.WTERMSIG(status)}"


def available():
    """None, or why there can be no judgement here."""
    if os.geteuid() != 0:
        return "only root may listen to the kernel's process events"
    if harness.cgroup2() is None:
        return "there is no cgroup v2"
    return None
