"""The programs that are measured: each is started with N workers in a directory of its own and told to stop.

Must never touch a process or a group that it did not start.
"""

import http.client
import json
import os
import re
import signal
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import xmlrpc.client

UNIFIED = next(
    line.split()[1] for line in open("/proc/mounts", encoding="utf-8") if line.split()[2] == "cgroup2"
)


class UnixHTTP(http.client.HTTPConnection):
    """HTTP on a Unix socket; the connection is kept between calls."""

    def __init__(self, path):
        super().__init__("nova", timeout=120)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(120)
        self.sock.connect(self.path)


class Contestant:
    """One program under test. `pids()` are the processes that do the supervising."""

    name = ""
    cli_calls = 50
    calls = 50

    def __init__(self, tools, directory, count, fifo, program="worker"):
        self.tools, self.directory, self.count, self.fifo = tools, directory, count, fifo
        self.program = tools[program]
        os.makedirs(directory)
        self.process = None
        self.prepare()

    def worker(self, number):
        """argv of a worker."""
        return [self.program, self.fifo, str(number)]

    def prepare(self):
        """Writes the configuration."""

    def command(self):
        """What is executed."""
        raise NotImplementedError

    def environment(self):
        """Its environment."""
        return dict(os.environ)

    def spawn(self):
        """Executes it; answers the moment before, CLOCK_MONOTONIC nanoseconds."""
        with open(f"{self.directory}/output", "ab") as output:
            before = time.monotonic_ns()
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=self.environment(), cwd=self.directory,
            )
        return before

    def settled(self):
        """Waits until the program itself says that all run; False: it does not say."""
        return False

    def pids(self):
        return [self.process.pid]

    def cli(self):
        """The command that lists every worker, None: it has none."""
        return None

    def call(self):
        """One listing without the command; a function, None: it has none."""
        return None

    stop_signal = signal.SIGTERM

    def stop(self):
        """Stops all; nanoseconds until the program has gone."""
        before = time.monotonic_ns()
        self.process.send_signal(self.stop_signal)
        self.process.wait(timeout=300)
        return time.monotonic_ns() - before

    def kill_all(self):
        """Ends every worker by cgroup.kill and stays; a function, None: it cannot."""
        return None

    def output(self):
        with open(f"{self.directory}/output", encoding="utf-8", errors="replace") as file:
            return file.read()


class Bare(Contestant):
    """The least a C program can do."""

    name = "bare C"

    def command(self):
        group = f"{UNIFIED}/bare-{os.getpid()}-{self.count}"
        return [self.tools["bare"], group, str(self.count), self.program, self.fifo, "read"]


class Nova(Contestant):
    """nova-supervisor as systemd would run it: with a notify socket and a watchdog."""

    name = "nova"
    # supervisor.yaml, where something is switched off.
    settings = ""

    def prepare(self):
        os.makedirs(f"{self.directory}/config/workers.d")
        # A thousand a file: one may have 1 MiB.
        for number in range(1, self.count + 1):
            with open(f"{self.directory}/config/workers.d/workers-{number // 1000}.yaml", "a", encoding="utf-8") as file:
                if file.tell() == 0:
                    file.write("workers:\n")
                file.write(
                    f"  worker-{number}:\n    command: {json.dumps(self.worker(number))}\n"
                    "    user: root\n    logs: { driver: file }\n    max_crashes: 1000\n    crash_window: 1s\n"
                    "    backoff: { delay: 0s, jitter: 0% }\n"
                )
        if self.settings:
            with open(f"{self.directory}/config/supervisor.yaml", "w", encoding="utf-8") as file:
                file.write(self.settings)
        # Sockets are on a tmpfs, as /run is.
        self.runtime = tempfile.mkdtemp(prefix="nova-bench-", dir="/dev/shm")
        self.pings = []
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(f"{self.directory}/notify")
        threading.Thread(target=self.drain_notify, daemon=True).start()

    def environment(self):
        return super().environment() | {
            "NOTIFY_SOCKET": f"{self.directory}/notify", "WATCHDOG_USEC": "10000000",
        }

    def command(self):
        return [
            f"{self.tools['bin']}/nova-supervisor", "run", "--config", f"{self.directory}/config",
            "--state", f"{self.directory}/state", "--runtime", self.runtime,
        ]

    @property
    def socket_path(self):
        return f"{self.runtime}/supervisor.sock"

    def drain_notify(self):
        """Reads what is sent to the service manager, as it would; remembers when the watchdog was pinged."""
        while True:
            if b"WATCHDOG=1" in self.notify.recv(4096):
                self.pings.append(time.monotonic())

    def one(self, words):
        """A single worker that runs these words, instead of the usual ones."""
        for name in os.listdir(f"{self.directory}/config/workers.d"):
            os.unlink(f"{self.directory}/config/workers.d/{name}")
        with open(f"{self.directory}/config/workers.d/workers.yaml", "w", encoding="utf-8") as file:
            file.write(f"workers:\n  one:\n    command: {json.dumps(words)}\n    user: root\n")
            file.write("    logs: { driver: file, max_size: 50M, keep: 20 }\n")

    def connect(self):
        """A connection that is kept."""
        deadline = time.monotonic() + 120
        while True:
            self.connection = UnixHTTP(self.socket_path)
            try:
                return self.connection.connect()
            except OSError:
                # Not there yet, or the last one's.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.001)

    def settled(self):
        self.connect()
        while True:
            rows = json.loads(self.call()())
            if len(rows) == self.count and all(row["state"] == "running" for row in rows):
                return True

    def pids(self):
        # The shim is the parent of the workers and was started with this runtime directory.
        if not hasattr(self, "shim"):
            self.shim = next(
                int(name) for name in os.listdir("/proc")
                if name.isdigit() and self.is_shim(f"/proc/{name}/cmdline")
            )
        return [self.process.pid, self.shim]

    def is_shim(self, path):
        try:
            with open(path, "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            return False
        return words[0].endswith(b"nova-shim") and self.runtime.encode() in b"\0".join(words)

    def stop(self):
        shim = self.pids()[1]
        taken = super().stop()
        # Under systemd it would end with its unit.
        os.kill(shim, signal.SIGTERM)
        self.connection.close()
        shutil.rmtree(self.runtime, ignore_errors=True)
        return taken

    def cli(self):
        return [f"{self.tools['bin']}/novasup", "--socket", self.socket_path, "ps"]

    def call(self, path="/v1/workers", order=None):
        """One request on the kept connection: a GET, or a POST of `order`."""
        body = json.dumps(order) if order else None

        def ask():
            self.connection.request("POST" if order else "GET", path, body)
            answer = self.connection.getresponse()
            said = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status} {said[:200]}")
            return said

        return ask

    def kill_all(self):
        return self.call("/v1/actions", {"targets": ["*"], "action": "kill", "no_restart": True})

    def metric(self, name):
        """The value of a series of /metrics, `name` with its labels."""
        for line in self.call("/metrics")().decode().splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        raise RuntimeError(f"/metrics has no {name}")


class UnixTransport(xmlrpc.client.Transport):
    """XML-RPC on supervisord's Unix socket."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def make_connection(self, host):
        return UnixHTTP(self.path)


class Supervisord(Contestant):
    """Debian's supervisor."""

    name = "supervisord"
    log = "NONE"
    # One call takes some 0.4 s at 1,000 workers.
    cli_calls = 5
    calls = 5

    def prepare(self):
        with open(f"{self.directory}/supervisord.conf", "w", encoding="utf-8") as file:
            file.write(
                f"[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile={self.directory}/pid\n"
                f"minfds=16000\nminprocs=200\nuser=root\nchildlogdir={self.directory}\n"
                f"[unix_http_server]\nfile={self.directory}/s.sock\n[supervisorctl]\nserverurl=unix://{self.directory}/s.sock\n"
                "[rpcinterface:supervisor]\n"
                "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
            )
            for number in range(1, self.count + 1):
                file.write(
                    f"[program:worker-{number}]\ncommand={' '.join(self.worker(number))}\nautorestart=true\n"
                    f"startsecs=0\nstdout_logfile={self.log}\nstderr_logfile=NONE\n"
                )

    def one(self, words):
        with open(f"{self.directory}/supervisord.conf", "a", encoding="utf-8") as file:
            file.write(
                f"[program:one]\ncommand={' '.join(words)}\nstartsecs=0\nstdout_logfile={self.directory}/one.log\n"
                "stdout_logfile_maxbytes=50MB\nstdout_logfile_backups=20\n"
            )

    def command(self):
        return ["supervisord", "-c", f"{self.directory}/supervisord.conf"]

    def cli(self):
        return ["supervisorctl", "-c", f"{self.directory}/supervisord.conf", "status"]

    def call(self):
        proxy = xmlrpc.client.ServerProxy("http://nova", transport=UnixTransport(f"{self.directory}/s.sock"))
        return proxy.supervisor.getAllProcessInfo


class Tree(Contestant):
    """A peer that watches a directory of services and runs one small supervisor a service."""

    def services(self):
        return f"{self.directory}/services"

    def prepare(self):
        for number in range(1, self.count + 1):
            place = f"{self.services()}/worker-{number}"
            os.makedirs(place)
            with open(f"{place}/run", "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\nexec " + " ".join(self.worker(number)) + "\n")
            os.chmod(f"{place}/run", 0o755)

    def pids(self):
        # The services' own supervisors are its children.
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="utf-8") as file:
            return [self.process.pid] + [int(word) for word in file.read().split()]


class Runit(Tree):
    """Debian's runit."""

    name = "runit"
    cli_calls = 5
    # SIGHUP: it ends the services and goes.
    stop_signal = signal.SIGHUP

    def command(self):
        return ["runsvdir", "-P", self.services()]

    def cli(self):
        return ["sv", "status"] + [f"{self.services()}/worker-{n}" for n in range(1, self.count + 1)]

    def stop(self):
        # It goes at once; its children, of groups of their own, follow when their services have ended.
        children = self.pids()[1:]
        before = time.monotonic_ns()
        self.process.send_signal(self.stop_signal)
        self.process.wait(timeout=300)
        self.process.returncode = 0
        while any(alive(pid) for pid in children):
            time.sleep(0.002)
        return time.monotonic_ns() - before


class S6(Tree):
    """Debian's s6."""

    name = "s6"
    cli_calls = 5

    def command(self):
        return ["s6-svscan", "-c", str(max(10, min(self.count, 160000))), self.services()]

    def cli(self):
        script = f"for one in {self.services()}/worker-*; do s6-svstat $one; done"
        return ["/bin/sh", "-c", script]


def alive(pid):
    """It has not ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


PEERS = {"supervisord": Supervisord, "runit": Runit, "s6": S6}
# The program by which each is found to be installed.
PROGRAMS = {"supervisord": "supervisord", "runit": "runsvdir", "s6": "s6-svscan"}


def version_of(name, tools):
    """What a contestant calls itself."""
    if name == "supervisord":
        said = subprocess.run(["supervisord", "--version"], capture_output=True, text=True, check=True).stdout
        return re.sub(r"\s+", " ", said).strip()
    if name in ("runit", "s6"):
        asked = ["dpkg-query", "-W", "-f", "${Package} ${Version}", name]
        said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        return said or f"{name}, not from a package"
    if name == "nova":
        said = subprocess.run([f"{tools['bin']}/novasup", "--version"], capture_output=True, text=True, check=False)
        return said.stdout.strip()
    said = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=True).stdout
    return said.splitlines()[0]
