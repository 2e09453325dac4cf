"""The host fails: the disk, the kernel's tables, the clocks, the notifications, the groups.

Errors come in at the syscall edge (faults.c, preloaded) or are real (tmpfs, prlimit, rmdir)."""

import os
import resource
import shutil
import signal
import subprocess
import time

from harness import (
    NOTIFY, QUICK, SystemTest, alive, members, mount, py, quietly, read, remains, sh, signal_pid, steady, until)

HERE = os.path.dirname(os.path.abspath(__file__))
EIO, EAGAIN, ENOMEM, ENOSPC, EROFS = 5, 11, 12, 28, 30
YEARS = 10 * 365 * 86_400


class HostFails(SystemTest):

    def faulty(self, workers=None, **keys):
        """A supervisor, not started, whose system calls can be made to fail."""
        compiler = shutil.which("cc") or shutil.which("clang")
        if compiler is None:
            self.skipTest("no C compiler is installed")
        s = self.prepare(workers, **keys)
        library = os.path.join(s.base, "faults.so")
        subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, os.path.join(HERE, "faults.c")], check=True)
        s.faults = os.path.join(s.base, "faults")
        s.environment.update(LD_PRELOAD=library, NOVA_FAULTS=s.faults)
        self.inject(s, "")
        return s

    def inject(self, s, text):
        """From now on these calls fail."""
        with open(s.faults + ".new", "w") as f:
            f.write(text)
        os.rename(s.faults + ".new", s.faults)

    def ledger(self, s):
        return s.api("GET", "/v1/status")[1]["ledger"]

    def degraded(self, s):
        return until(lambda: self.ledger(s) != "ok" and self.ledger(s), "the ledger says that it cannot write")

    def recovered(self, s):
        until(lambda: self.ledger(s) == "ok", lambda: f"the ledger has recovered: {self.ledger(s)}")

    def assertBooks(self, s, name, **exits):
        """Every life of the worker but the present one is booked once, with its status; no event is missing."""
        wanted = sorted(exits.items())
        query = "SELECT replace(exit_status, ' ', ''), count(*) FROM incarnation WHERE worker = ? AND ended_usec NOT NULL GROUP BY 1 ORDER BY 1"
        until(lambda: s.sql(query, name) == wanted, lambda: f"booked: {s.sql(query, name)}, and should be {wanted}")
        ids = [row[0] for row in s.sql("SELECT id FROM event ORDER BY id")]
        self.assertEqual(ids, list(range(1, len(ids) + 1)), "no event is missing")
        self.assertEqual(s.sql("SELECT count(*) FROM event WHERE type = 'ledger.events_dropped'"), [(0,)])
        self.assertEqual(s.sql("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(
            s.sql("SELECT sum(cpu_usec), sum(cost_micro) FROM usage_booking"),
            s.sql("SELECT sum(cpu_usec), sum(cost_micro) FROM incarnation"))


class Disk(HostFails):
    def supervises_while(self, s, *faults):
        """Under each fault a worker that dies comes back, and all of it is booked once the fault is over."""
        s.start()
        calm = s.wait_up("calm")["pid"]
        for number, fault in enumerate(faults):
            old = s.wait_up("a")["pid"]
            self.inject(s, fault)
            signal_pid(old)
            self.degraded(s)
            # The slot is given free although its booking waits: supervision does not stand and fall with the disk.
            new = s.wait_new_pid("a", old)["pid"]
            signal_pid(new)
            s.wait_new_pid("a", new)
            self.assertEqual(s.row("a")["crashes"], 2 * number + 2)
            self.assertIsNone(s.process.poll())
            self.inject(s, "")
            self.recovered(s)
        self.assertEqual(s.row("calm")["pid"], calm)
        self.assertBooks(s, "a", signaled9=2 * len(faults))
        said = [e["message"] for e in s.events("supervisor.trouble")]
        self.assertEqual(len([m for m in said if "writes wait in memory" in m]), len(faults), said)
        self.assertEqual(len([m for m in said if "can be written again" in m]), len(faults), said)

    def test_an_IO_error_on_write_or_sync_stops_no_restart_and_loses_nothing(self):
        """issue 3, 6: EIO from SQLite"""
        s = self.faulty({"a": steady(backoff=QUICK, max_crashes=1000), "calm": steady()})
        self.supervises_while(s, f"write {EIO} nova.db", f"fsync {EIO} nova.db")

    def test_no_space_on_write_stops_no_restart_and_loses_nothing(self):
        """issue 3, 6: ENOSPC from SQLite"""
        s = self.faulty({"a": steady(backoff=QUICK, max_crashes=1000), "calm": steady()})
        self.supervises_while(s, f"write {ENOSPC} nova.db")

    def test_a_supervisor_that_dies_on_a_broken_disk_loses_no_exit(self):
        """issue 3, 6; architecture, rule 9: what the shim has not been told is booked stays with it"""
        s = self.faulty({"a": steady(backoff=QUICK, max_crashes=1000)})
        s.start()
        first = s.wait_up("a")["pid"]
        self.inject(s, f"write {EIO} nova.db")
        signal_pid(first)
        second = s.wait_new_pid("a", first)["pid"]
        s.kill9()
        self.inject(s, "")
        s.start()
        row = s.wait_up("a")
        self.assertEqual(row["pid"], second, "the life that began meanwhile goes on")
        self.assertBooks(s, "a", signaled9=1)
        signal_pid(second)
        s.wait_new_pid("a", second)
        self.assertBooks(s, "a", signaled9=2)

    def test_heartbeats_do_not_wait_for_a_slow_disk(self):
        """issue 3, 1 and 6: what has to last stays in its queue until the disk has it, and what comes behind it is heard"""
        s = self.faulty()
        s.configure({"w": py(NOTIFY + f"wait_for('{s.path('go')}'); notify('READY=1'); n = 0\n"
                             "while True:\n  notify('WATCHDOG=1'); n += 1; notify(f'STATUS={n} beats')\n"
                             f"  open('{s.path('beats')}', 'a').write('x'); time.sleep(0.2)",
                             ready="notify", watchdog="2s", start_timeout="1h")})
        s.start()
        pid = until(lambda: s.row("w")["pid"], "it lives")
        # Each look at the disk takes longer than the watchdog waits.
        self.inject(s, "slow 3000 nova.db")
        s.touch("go")
        until(lambda: len(read(s.path("beats"), "")) >= 30, "it goes on for six seconds")
        self.inject(s, "")
        row = s.wait_state("w", "ready")
        self.assertEqual((row["pid"], row["restarts_total"], row["crashes"]), (pid, 0, 0))
        self.assertGreater(int(row["status_text"].split()[0]), 20)
        self.assertEqual(s.events("instance.watchdog"), [])

    def test_a_stop_of_everything_ends_on_a_disk_that_takes_nothing(self):
        """issue 3, 6: the disk must not hold up the end either"""
        s = self.faulty({"a": steady(), "b": sh("trap '' TERM; while :; do sleep 0.1; done", stop_timeout="200ms")})
        s.start()
        pids = [s.wait_up(name)["pid"] for name in "ab"]
        self.inject(s, f"write {ENOSPC} nova.db")
        s.ok("pause", "a")
        self.degraded(s)
        self.assertEqual(s.ask_to_end(), 0)
        self.assertEqual([pid for pid in pids if alive(pid)], [])

    def test_a_state_directory_that_becomes_read_only_is_said_and_survived(self):
        """issue 3, 6: read-only state directory"""
        s = self.prepare({"a": steady(backoff=QUICK, max_crashes=1000)})
        quietly(mount, "tmpfs", s.state, "tmpfs", 0, "size=32m,mode=0700")
        if not os.path.ismount(s.state):
            self.skipTest("mount is not permitted here")
        s.mounts.append(s.state)
        s.start()
        old = s.wait_up("a")["pid"]
        # MS_REMOUNT | MS_BIND | MS_RDONLY on a bind mount needs no writer to go: as an administrator's mistake would.
        mount(s.state, s.state, "", 4096)
        s.mounts.append(s.state)
        flags = 32 | 4096
        s.kill9()
        mount("", s.state, "", flags | 1)
        answer = s.launch_and_fail()
        self.assertExit(answer, 1, s.state)
        self.assertTrue(alive(old), "a start that is refused leaves the workers alone")
        mount("", s.state, "", flags)
        s.start()
        self.assertEqual(s.wait_up("a")["pid"], old)

    def test_a_file_system_that_goes_read_only_under_the_supervisor_is_survived(self):
        """issue 3, 6: read-only state directory, as ext4 does after an error"""
        s = self.faulty({"a": steady(backoff=QUICK, max_crashes=1000), "calm": steady()})
        self.supervises_while(s, f"write {EROFS} nova.db")


class Children(HostFails):
    def test_no_process_can_be_made_for_a_while(self):
        """issue 3, 6: EAGAIN and ENOMEM on spawn; the host's shortage is no crash of the worker"""
        s = self.faulty({"a": steady(backoff=QUICK, max_crashes=3)})
        s.start()
        pid = s.wait_up("a")["pid"]
        for number in (EAGAIN, ENOMEM):
            self.inject(s, f"clone3 {number}")
            signal_pid(pid)
            until(lambda: len([e for e in s.events("instance.backoff", "a")
                               if f"errno {number}" in e["message"]]) >= 4, lambda: s.events("instance.backoff", "a"))
            self.assertNotEqual(s.state_of("a"), "failed")
            self.inject(s, "")
            pid = s.wait_new_pid("a", pid)["pid"]
        self.assertEqual(s.row("a")["crashes"], 2, "the two kills, not the attempts")

    def test_no_descriptor_is_left_for_a_while(self):
        """issue 3, 6: EMFILE"""
        s = self.run_with({"a": steady(backoff=QUICK, max_crashes=1000), "calm": steady()})
        pid, calm = s.wait_up("a")["pid"], s.wait_up("calm")["pid"]
        before = resource.prlimit(s.pid, resource.RLIMIT_NOFILE)
        used = max(int(name) for name in os.listdir(f"/proc/{s.pid}/fd")) + 1
        resource.prlimit(s.pid, resource.RLIMIT_NOFILE, (used, before[1]))
        signal_pid(pid)
        until(lambda: not alive(pid), "it died")
        # Nobody can ask now; that it lives on and turns is seen from outside.
        remains(lambda: s.process.poll() is None, "it lives without a descriptor", 1.0)
        resource.prlimit(s.pid, resource.RLIMIT_NOFILE, before)
        s.wait_new_pid("a", pid)
        self.assertEqual(s.row("calm")["pid"], calm)
        self.assertBooks(s, "a", signaled9=1)


class Clocks(HostFails):
    def test_the_wall_clock_jumps_ten_years_ahead_and_back(self):
        """issue 3, 6: wall clock jumps of ten years either way"""
        s = self.faulty({
            "a": steady(backoff=QUICK, max_crashes=1000),
            "cool": sh("exit 1", max_crashes=1, cooldown="10m"),
            "job": sh("exit 0", mode="job", schedule="0 3 1 1 *"),
            "often": sh("exit 0", mode="job", interval="300ms")})
        s.start()
        s.wait_up("a")
        left = s.wait_state("cool", "cooldown")["cooldown_remaining_seconds"]
        s.wait_state("job", "waiting")
        for offset in (YEARS, -YEARS, 0):
            self.inject(s, f"clock {offset} 0")
            year = time.gmtime(time.time() + offset).tm_year
            old = s.wait_up("a")["pid"]
            runs = s.starts_of("often")
            signal_pid(old)
            s.wait_new_pid("a", old)
            until(lambda: s.starts_of("often") > runs + 1, "jobs by interval go on")
            self.assertIn(str(year), s.events()[-1]["at"], "the supervisor's clock is off")
            now = s.row("cool")["cooldown_remaining_seconds"]
            self.assertTrue(left - 240 < now <= left, f"cooldown: {left} s were left, now {now}")
            self.assertLessEqual(s.starts_of("job"), 1, "a calendar that jumped is no storm of runs")
            s.kill9()
            s.start()
            self.assertEqual(s.wait_state("cool", "cooldown")["crashes"], 1)
        self.assertBooks(s, "a", signaled9=3)
        self.assertEqual(s.row("a")["crashes"], 3)

    def test_a_suspended_machine_goes_on_where_it_was(self):
        """issue 3, 6: suspend: CLOCK_BOOTTIME and the wall go on, CLOCK_MONOTONIC does not"""
        s = self.faulty({"a": steady(), "cool": sh("exit 1", max_crashes=1, cooldown="10m"),
                         "beat": py("import time; time.sleep(1000)", watchdog="1h")})
        s.start()
        pids = [s.wait_up(name)["pid"] for name in ("a", "beat")]
        left = s.wait_state("cool", "cooldown")["cooldown_remaining_seconds"]
        self.inject(s, "clock 28800 28800")
        s.kill9()
        s.start()
        row = s.wait_state("cool", "cooldown")
        self.assertLessEqual(row["cooldown_remaining_seconds"], left)
        self.assertEqual([s.wait_up(name)["pid"] for name in ("a", "beat")], pids)
        self.assertEqual([s.row(name)["crashes"] for name in ("a", "beat")], [0, 0])


class Kernel(HostFails):
    def test_lost_notifications_of_groups_are_made_up_for(self):
        """issue 3, 6: inotify queue overflow"""
        s = self.faulty({"a": sh("sleep 1000 & exec sleep 1000", backoff=QUICK, stop_timeout="300ms", max_crashes=1000),
                         "b": steady()})
        s.start()
        s.wait_up("b")
        self.inject(s, "overflow")
        for _ in range(3):
            pid = s.wait_up("a")["pid"]
            signal_pid(pid)
            s.wait_new_pid("a", pid)
        s.ok("pause", "b")
        self.assertEqual(s.state_of("b"), "paused")
        s.ok("resume", "b")
        s.ok("stop", "a")
        self.assertBooks(s, "a", signaled9=3, signaled15=1)

    def test_a_group_removed_under_the_supervisor_is_an_end_like_any_other(self):
        """issue 3, 6: a cgroup removed from under it"""
        s = self.run_with({"a": steady(backoff=QUICK, max_crashes=1000)})
        pid = s.wait_up("a")["pid"]
        group = s.group("a")
        if group is None:
            self.skipTest("there are no cgroups here")
        s.process.send_signal(signal.SIGSTOP)
        signal_pid(pid)
        until(lambda: members(group) == [], "its group is empty")
        until(lambda: quietly(os.rmdir, group) is None and not os.path.isdir(group), "its group is gone")
        s.process.send_signal(signal.SIGCONT)
        s.wait_new_pid("a", pid)
        self.assertBooks(s, "a", signaled9=1)

    def test_a_stored_pid_that_is_somebody_else_s_by_now_is_never_signalled(self):
        """issue 3, 6: PID reuse; architecture, rule 8"""
        s = self.run_with({"a": steady(backoff=QUICK)})
        pid = s.wait_up("a")["pid"]
        s.kill9()
        signal_pid(s.shim())
        until(lambda: not s.shims(), "the shim is gone")
        for member in s.members("a"):
            quietly(os.kill, member, signal.SIGKILL)
        until(lambda: not os.path.exists(f"/proc/{pid}"), "its number is free")
        innocent = None
        for _ in range(500):
            try:
                with open("/proc/sys/kernel/ns_last_pid", "w") as f:
                    f.write(str(pid - 1))
            except OSError:
                self.skipTest("the next pid cannot be chosen here")
            child = subprocess.Popen(["/bin/sleep", "1000"])
            if child.pid == pid:
                innocent = child
                break
            child.kill()
            child.wait()
        if innocent is None:
            self.skipTest("somebody else always took the number")
        try:
            s.start()
            s.wait_new_pid("a", pid)
            s.ok("restart", "a")
            s.ok("stop", "a")
            self.assertIsNone(innocent.poll(), "who has the number now was left alone")
        finally:
            innocent.kill()
            innocent.wait()

    def test_a_journal_that_takes_nothing_holds_nothing_up(self):
        """issue 3, 6: a full journal"""
        place = "/run/systemd/journal"
        listen = ("import socket,sys,os\n"
                  f"s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); s.bind('{place}/socket')\n"
                  # Bound and never read: the queue is full after some datagrams, and stays so.
                  "os.set_inheritable(s.fileno(), True); os.execv(sys.argv[1], sys.argv[1:])")
        script = f"mkdir -p {place} && mount -t tmpfs none {place}"
        if subprocess.run(["unshare", "-m", "/bin/sh", "-c", script], capture_output=True).returncode != 0:
            self.skipTest("no mount namespace can be made here")
        s = self.prepare({"a": sh("exit 1", backoff={**QUICK, "delay": "10ms", "max": "10ms"}, max_crashes=1000,
                                  logs={"driver": "file"}), "b": steady(logs={"driver": "file"})})
        s.wrap = ["unshare", "-m", "/bin/sh", "-c", script + f"; exec /usr/bin/python3 -c \"{listen}\" \"$@\"", "sh"]
        s.environment["JOURNAL_STREAM"] = "1:1"
        s.start()
        until(lambda: s.starts_of("a") > 200, "hundreds of events are said to a journal that takes none")
        self.assertEqual(s.state_of("b"), "running")
        self.assertEqual(s.ask_to_end(), 0)
