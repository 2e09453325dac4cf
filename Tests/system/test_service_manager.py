"""What the supervisor tells the service manager above it (issue 2, systemd): the test is the manager's end of the socket."""

import os
import signal
import socket

from harness import SystemTest, read, remains, sh, steady, until


class ServiceManager(SystemTest):
    def managed(self, workers, watchdog_usec=600_000):
        """A supervisor with a manager that listens; everything it said so far is in `self.said`."""
        s = self.prepare(workers)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.bind(os.path.join(s.base, "manager"))
        self.socket.setblocking(False)
        s.environment.update(NOTIFY_SOCKET=os.path.join(s.base, "manager"), WATCHDOG_USEC=str(watchdog_usec))
        self.said = []
        return s

    def heard(self, line):
        """How often a line that begins so was said."""
        while True:
            try:
                self.said += self.socket.recv(65536).decode().splitlines()
            except BlockingIOError:
                return sum(said.startswith(line) for said in self.said)

    def wait_for(self, line, count=1):
        until(lambda: self.heard(line) >= count, lambda: f"{line} x{count} in {self.said}")

    def test_ready_status_and_watchdog(self):
        """issue 2: Type=notify, STATUS line with the fleet in one sentence, watchdog after completed turns"""
        s = self.managed({"a": steady(), "b": steady(autostart=False)}).start()
        self.wait_for("READY=1")
        self.wait_for("STATUS=1 of 1 instances up")
        self.wait_for("WATCHDOG=1", 3)
        # A brain that stands still says nothing: no timer speaks for it.
        os.kill(s.pid, signal.SIGSTOP)
        until(lambda: read(f"/proc/{s.pid}/stat").rsplit(")", 1)[1].split()[0] == "T", "it stands still")
        before = self.heard("WATCHDOG=1")
        remains(lambda: self.heard("WATCHDOG=1") == before, lambda: self.said, 1.5)
        os.kill(s.pid, signal.SIGCONT)
        self.wait_for("WATCHDOG=1", before + 1)

    def test_a_reload_is_announced_and_over_whether_it_is_taken_or_refused(self):
        """issue 2: RELOADING"""
        s = self.managed({"a": steady()}).start()
        self.wait_for("READY=1")
        s.configure({"a": steady(), "b": steady()})
        s.ok("reload")
        self.wait_for("RELOADING=1")
        self.wait_for("MONOTONIC_USEC=")
        self.wait_for("READY=1", 2)
        s.write("workers.d/bad.yaml", "nonsense: 1\n")
        s.process.send_signal(signal.SIGHUP)
        until(lambda: s.events("config.refused"), "the refusal is an event")
        until(lambda: self.heard("READY=1") == self.heard("RELOADING=1") + 1, lambda: self.said)

    def test_a_drain_says_so_and_asks_for_time_until_it_is_over(self):
        """issue 2: STOPPING, EXTEND_TIMEOUT while draining"""
        s = self.managed({"a": sh("trap '' TERM; while :; do sleep 0.1; done", stop_timeout="4s")}).start()
        s.wait_up("a")
        s.process.send_signal(signal.SIGTERM)
        self.wait_for("STOPPING=1")
        self.wait_for("EXTEND_TIMEOUT_USEC=", 2)
        self.wait_for("STATUS=Stopping")
        self.assertEqual(s.process.wait(60), 0)

    def test_a_hand_over_is_no_stop(self):
        """architecture: SIGUSR2 hands over"""
        s = self.managed({"a": steady()}).start()
        s.wait_up("a")
        self.assertEqual(s.ask_to_end(signal.SIGUSR2), 0)
        self.assertEqual(self.heard("STOPPING=1"), 0)
        self.assertEqual(self.heard("EXTEND_TIMEOUT_USEC="), 0)
        s.start()
        self.wait_for("READY=1", 2)

    def test_neither_the_shim_nor_a_worker_inherits_the_managers_socket(self):
        """architecture: the worker's own socket is another"""
        s = self.managed({"a": steady()}).start()
        pid = s.wait_up("a")["pid"]
        with open(f"/proc/{pid}/environ", "rb") as f:
            sockets = [word for word in f.read().split(b"\0") if word.startswith(b"NOTIFY_SOCKET=")]
        self.assertEqual(sockets, [f"NOTIFY_SOCKET={s.runtime}/notify/a".encode()])
