"""What the end-to-end tests stand on: one Supervisor a test, in directories of its own, and waiting for facts.

Every test starts the built programs, never a double. Nothing here sleeps for a guessed time: a predicate is polled
until it holds or its deadline has passed. Must never touch a process or a cgroup that no Supervisor here started:
both are found by the runtime directory, which is unique.

NOVA_BIN      directory of the programs (default .build/debug, then .build/release)
NOVA_PATIENCE seconds that a fact may take (default 30): only a test that fails waits that long
"""

import atexit
import ctypes
import http.client
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = float(os.environ.get("NOVA_PATIENCE", "30"))
# Debian's own: a version manager's shim is a script, slow to start and not readable for other users.
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else shutil.which("python3")
PROGRAMS = ["nova-supervisor", "nova-shim", "nova-edge", "novasup"]
# A restart without growth, for tests that are about something else.
QUICK = {"delay": "100ms", "factor": 1, "max": "100ms", "jitter": "0%"}
# Later than any test lasts.
NEVER = {"delay": "10m", "factor": 1, "max": "10m", "jitter": "0%"}
UP = ("running", "ready")


def binaries():
    """The directory of the programs; None when they are not built."""
    chosen = os.environ.get("NOVA_BIN")
    places = [chosen] if chosen else [os.path.join(TOP, ".build", kind) for kind in ("debug", "release")]
    for place in places:
        if all(os.access(os.path.join(place, program), os.X_OK) for program in PROGRAMS):
            return os.path.abspath(place)
    return None


def until(holds, what, seconds=None):
    """Waits until `holds()` is true and returns its value; raises AssertionError saying what did not become true."""
    deadline = time.monotonic() + (PATIENCE if seconds is None else seconds)
    while True:
        value = holds()
        if value:
            return value
        if time.monotonic() > deadline:
            now = what() if callable(what) else what
            raise AssertionError(f"did not become true in time: {now}")
        time.sleep(0.02)


def remains(holds, what, seconds):
    """Looks for `seconds` that `holds()` stays true: for what must not happen and leaves no trace when it does not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not holds():
            raise AssertionError(f"did not stay true: {what() if callable(what) else what}")
        time.sleep(0.02)


# Workers


def argv(*words, **keys):
    """A worker whose command is a list; a literal percent sign is doubled, as the configuration wants."""
    return {"command": [word.replace("%", "%%") for word in words], **keys}


def sh(script, **keys):
    """A worker that is a shell script."""
    return argv("/bin/sh", "-c", script, **keys)


def py(code, **keys):
    """A worker that is a Python program."""
    return argv(PYTHON, "-I", "-S", "-c", code, **keys)


def steady(**keys):
    """A worker that stays and obeys SIGTERM."""
    return argv("/bin/sleep", "1000000", **keys)


NOTIFY = """
import os, socket, sys, time
def notify(text):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    address = os.environ['NOTIFY_SOCKET']
    s.connect('\\0' + address[1:] if address.startswith('@') else address)
    s.send(text.encode())
    s.close()
def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.02)
"""

LISTEN = """
import http.server, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        import os
        bad = os.path.exists(self.server.flag)
        self.send_response(500 if bad else 200); self.end_headers(); self.wfile.write(b'x')
    def log_message(self, *a): pass
def serve(port, flag='/nonexistent'):
    s = http.server.ThreadingHTTPServer(('127.0.0.1', port), H); s.flag = flag; s.serve_forever()
"""


# The host


def free_port():
    """A TCP port nobody listens on now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def is_free(port):
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def port_stem(count):
    """A number S such that the ports S1, S2 … are free: what a worker writes as `S%i`."""
    while True:
        # Below the ephemeral range, so that no outgoing connection takes one meanwhile.
        stem = random.randrange(1100, 3200)
        if all(is_free(stem * 10 + number) for number in range(1, count + 1)):
            return stem


def alive(pid):
    """A process, and no zombie, has this pid."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (OSError, IndexError):
        return False


def exists(pid):
    """A process, or its zombie, has this pid."""
    return os.path.exists(f"/proc/{pid}")


def proc_status(pid):
    """/proc/PID/status as a dictionary."""
    with open(f"/proc/{pid}/status") as f:
        return dict((line.split(":", 1)[0], line.split(":", 1)[1].strip()) for line in f)


def environ(pid):
    """The environment a process was started with."""
    with open(f"/proc/{pid}/environ", "rb") as f:
        pairs = [entry.split(b"=", 1) for entry in f.read().split(b"\0") if b"=" in entry]
    return {name.decode(): value.decode(errors="replace") for name, value in pairs}


def cgroup2():
    """(mount point, our own group's directory) of cgroup v2; None without."""
    with open("/proc/self/mountinfo") as f:
        mounts = [line.split() for line in f]
    for fields in mounts:
        if fields[fields.index("-") + 1] == "cgroup2":
            with open("/proc/self/cgroup") as f:
                own = [line[3:].strip() for line in f if line.startswith("0::")]
            inside = own[0] if own and ".." not in own[0] else "/"
            if fields[3] != "/" and inside.startswith(fields[3]):
                inside = inside[len(fields[3]):] or "/"
            return fields[4], (fields[4] + inside).rstrip("/")
    return None


def fnv1a(text):
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return f"{value:08x}"


def read(path, default=None):
    """A file's text; `default` when it cannot be read."""
    try:
        with open(path, errors="replace") as f:
            return f.read()
    except OSError:
        if default is None:
            raise
        return default


def lines(path):
    """A file's lines; none when it is absent."""
    return read(path, "").splitlines()


def signal_pid(pid, number=signal.SIGKILL):
    """A signal from outside."""
    os.kill(pid, number)


def mount(source, target, kind, flags=0, data=""):
    """mount(2); raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(source.encode(), target.encode(), kind.encode(), flags, data.encode()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def unmount(target):
    """umount2(2) with MNT_DETACH."""
    ctypes.CDLL(None, use_errno=True).umount2(target.encode(), 2)


class Answer:
    """What a program said: exit code, stdout, stderr."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __iter__(self):
        return iter((self.code, self.out, self.err))

    def __str__(self):
        return f"exit {self.code}\nstdout: {self.out}\nstderr: {self.err}"


class UnixHTTP(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("nova", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Supervisor:
    """One supervisor with its own directories; `start` runs the program, `destroy` leaves nothing of it."""

    living = set()

    def __init__(self, workers=None, settings=None, wrap=None, arguments=None, uid=None):
        # Short: a Unix socket's path has at most 107 bytes, notify sockets lie two levels below.
        self.base = tempfile.mkdtemp(prefix="nv", dir="/tmp")
        os.chmod(self.base, 0o755)
        self.config, self.state, self.runtime, self.dir = (
            os.path.join(self.base, name) for name in ("c", "s", "r", "w"))
        for path in (self.config, self.state, self.runtime, self.dir):
            os.mkdir(path, 0o755)
            if uid is not None:
                os.chown(path, uid, uid)
        os.mkdir(os.path.join(self.config, "workers.d"))
        self.socket = os.path.join(self.runtime, "supervisor.sock")
        self.bin = binaries()
        self.wrap = wrap or []
        self.arguments = arguments or []
        # Who runs it; nobody's workers run as nobody.
        self.uid = uid
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}
        self.process = None
        self.starts = 0
        self.background = []
        self.mounts = []
        self.roots = set()
        self.workers = {}
        Supervisor.living.add(self)
        self.note_root()
        if settings is not None:
            self.write("supervisor.yaml", settings)
        self.configure(workers or {})

    def note_root(self):
        """Where the groups of this runtime directory go."""
        place = cgroup2()
        if place:
            self.roots.add(os.path.join(place[1], "nova-" + fnv1a(self.runtime)))

    # Files

    def path(self, name):
        """A path in the directory that the test's workers share."""
        return os.path.join(self.dir, name)

    def touch(self, name):
        """Makes a file that a worker waits for."""
        with open(self.path(name), "w"):
            pass
        return self.path(name)

    def write(self, name, content):
        """A configuration file: text as it is, anything else as JSON, which is YAML."""
        path = os.path.join(self.config, name)
        with open(path + ".new", "w") as f:
            f.write(content if isinstance(content, str) else json.dumps(content, indent=1))
        os.rename(path + ".new", path)
        return path

    def configure(self, workers):
        """Writes the workers' file. They run as the supervisor does: they write into the test's directory."""
        own = "root" if self.uid is None else None
        self.workers = {name: {"user": own, **spec} for name, spec in workers.items()}
        for spec in self.workers.values():
            if spec["user"] is None:
                del spec["user"]
        self.write("workers.d/test.yaml", {"workers": self.workers})

    # The program

    @property
    def pid(self):
        return self.process.pid

    def launch(self):
        """Starts the program and does not wait for it."""
        self.note_root()
        self.starts += 1
        self.errors = os.path.join(self.base, f"stderr.{self.starts}")
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                self.wrap + [os.path.join(self.bin, "nova-supervisor"), "run", "--config", self.config,
                             "--state", self.state, "--runtime", self.runtime] + self.arguments,
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, env=self.environment, cwd="/",
                user=self.uid, group=self.uid, extra_groups=None if self.uid is None else [])
        return self

    def start(self):
        """Starts the program and waits until it says that it is running."""
        self.launch()

        def up():
            code = self.process.poll()
            if code is not None:
                raise AssertionError(f"nova-supervisor ended with {code}: {read(self.errors, '')}")
            try:
                status, body = self.api("GET", "/v1/status")
                return status == 200 and body["phase"] == "running"
            except OSError:
                return False

        until(up, lambda: f"the supervisor runs: {read(self.errors, '')}")
        return self

    def launch_and_fail(self):
        """Starts the program, which must refuse; its exit code and what it said."""
        self.launch()
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"nova-supervisor did not refuse to start: {read(self.errors, '')}")
        return Answer(code, "", read(self.errors, ""))

    def said(self):
        """What the last start wrote to stderr."""
        return read(self.errors, "")

    def kill9(self):
        """The supervisor dies; the shim and the workers live."""
        self.process.kill()
        self.process.wait()

    def ask_to_end(self, number=signal.SIGTERM):
        """Signals the supervisor and waits for its exit code."""
        self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError("the supervisor did not end after its signal")

    def stop(self):
        """SIGTERM: everything ends, nothing is left."""
        code = self.ask_to_end()
        if code != 0:
            raise AssertionError(f"exit {code} after SIGTERM: {self.said()}")
        left = [pid for root in self.roots for pid in members(root)]
        if left:
            raise AssertionError(f"left in the cgroup after SIGTERM: {left}")
        until(lambda: not self.shims(), "the shim ended with the supervisor")

    def shims(self):
        """Pids of the shims on our runtime directory. Between clone3 and exec a child of one looks just like it."""
        wanted = self.runtime.encode()
        found = []
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open(f"/proc/{name}/cmdline", "rb") as f:
                    words = f.read().split(b"\0")
            except OSError:
                continue
            if words and os.path.basename(words[0]) == b"nova-shim" and wanted in words:
                found.append(int(name))
        return [pid for pid in found if parent(pid) not in found]

    def shim(self):
        """Pid of the shim."""
        found = self.shims()
        if len(found) != 1:
            raise AssertionError(f"not one shim but {found}")
        return found[0]

    # Asking

    def api(self, method, path, body=None, headers=None, timeout=None):
        """One request: (status, decoded body)."""
        connection = UnixHTTP(self.socket, timeout or PATIENCE + 10)
        try:
            data = None if body is None else body if isinstance(body, (bytes, str)) else json.dumps(body)
            sent = {} if data is None else {"Content-Type": "application/json"}
            connection.request(method, path, data, {**sent, **(headers or {})})
            answer = connection.getresponse()
            raw = answer.read()
            kind = answer.headers.get("Content-Type", "")
            return answer.status, json.loads(raw) if kind.startswith("application/json") and raw else raw.decode()
        except http.client.HTTPException as error:
            raise ConnectionError(f"no answer: {error!r}")
        finally:
            connection.close()

    def command(self, *arguments):
        return [os.path.join(self.bin, "novasup"), "--socket", self.socket, *arguments]

    def cli(self, *arguments, timeout=None, **keys):
        """novasup, waited for."""
        done = subprocess.run(
            self.command(*arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=timeout or PATIENCE * 2, env={**self.environment, "COLUMNS": "200"}, **keys)
        return Answer(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments):
        """novasup, which must succeed; its stdout."""
        answer = self.cli(*arguments)
        if answer.code != 0:
            raise AssertionError(f"novasup {' '.join(arguments)}: {answer}")
        return answer.out

    def begin(self, *arguments):
        """novasup in the background."""
        process = subprocess.Popen(
            self.command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=self.environment)
        self.background.append(process)
        return process

    def finish(self, process):
        """Waits for novasup in the background."""
        out, err = process.communicate(timeout=PATIENCE)
        return Answer(process.returncode, out, err)

    def json(self, *arguments):
        """novasup … -o json, decoded."""
        return json.loads(self.ok(*arguments, "-o", "json"))

    def rows(self, name=None):
        """Every instance, as the API lists it."""
        status, rows = self.api("GET", "/v1/workers")
        if status != 200:
            raise AssertionError(f"GET /v1/workers: {status} {rows}")
        return [row for row in rows if name is None or row["name"] == name]

    def row(self, name, instance=1):
        """One instance; None when it is not listed."""
        for row in self.rows(name):
            if row["instance"] == instance:
                return row
        return None

    def state_of(self, name, instance=1):
        row = self.row(name, instance)
        return row and row["state"]

    def pids(self, name):
        """Pids by instance number."""
        return {row["instance"]: row["pid"] for row in self.rows(name) if row["pid"]}

    def wait_state(self, name, *states, instance=1):
        """Waits until the instance is in one of the states; its row."""
        seen = {}

        def there():
            seen["row"] = self.row(name, instance)
            return seen["row"] and seen["row"]["state"] in states and seen["row"]

        return until(there, lambda: f"{name}@{instance} is {' or '.join(states)}; it is {seen['row']}")

    def wait_up(self, name, instance=1):
        """Waits until it runs; its row, with a pid."""
        def there():
            row = self.row(name, instance)
            return row and row["state"] in UP and row["pid"] and row
        return until(there, lambda: f"{name}@{instance} runs; it is {self.row(name, instance)}")

    def wait_new_pid(self, name, old, instance=1):
        """Waits until it runs with another pid; its row."""
        def there():
            row = self.row(name, instance)
            return row and row["state"] in UP and row["pid"] not in (None, old) and row
        return until(there, lambda: f"{name}@{instance} came back; it is {self.row(name, instance)}")

    def detail(self, name):
        """GET /v1/workers/NAME."""
        status, body = self.api("GET", f"/v1/workers/{name}")
        if status != 200:
            raise AssertionError(f"GET /v1/workers/{name}: {status} {body}")
        return body

    def events(self, type=None, worker=None):
        """History, oldest first; `type` or a beginning of it up to a dot."""
        query = "/v1/events?limit=10000" + (f"&type={type}" if type else "") + (f"&worker={worker}" if worker else "")
        status, body = self.api("GET", query)
        if status != 200:
            raise AssertionError(f"GET {query}: {status} {body}")
        return sorted(body, key=lambda event: event["id"])

    def starts_of(self, worker):
        """How often a process was started."""
        return len(self.events("instance.started", worker))

    def sql(self, query, *values):
        """Rows of the state database, read only."""
        connection = sqlite3.connect(f"file:{self.state}/nova.db?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    # Groups

    def groups(self, name, instance=1):
        """The instance's cgroup directories: a life that follows at once has its number behind the name."""
        plain = f"w-{name}-{instance}"
        return [os.path.join(root, found) for root in self.roots if os.path.isdir(root)
                for found in sorted(os.listdir(root)) if found.partition(".")[0] == plain]

    def group(self, name, instance=1):
        """The instance's cgroup directory, the newest that has somebody in it; it may be gone."""
        found = self.groups(name, instance)
        return next((path for path in reversed(found) if members(path)), found[-1] if found else None)

    def members(self, name, instance=1):
        """Every process in the instance's group or below it."""
        return [pid for path in self.groups(name, instance) for pid in members(path)]

    # The end

    def evidence(self):
        """What one needs to understand a failure."""
        parts = []
        for number in range(1, self.starts + 1):
            parts.append(f"--- stderr of start {number}\n" + tail(os.path.join(self.base, f"stderr.{number}")))
        parts.append("--- shim.log\n" + tail(os.path.join(self.runtime, "shim.log")))
        try:
            parts.append("--- ps\n" + "\n".join(
                f"{r['name']}@{r['instance']} {r['state']} {r['reason']} pid={r['pid']} why={r['why']}"
                for r in self.rows()[:20]))
            parts.append("--- events\n" + "\n".join(
                f"{e['id']} {e['at']} {e['severity']} {e['type']} {e['message']}" for e in self.events()[-40:]))
        except (OSError, AssertionError, KeyError, TypeError) as error:
            parts.append(f"--- API: {error!r}")
        return "\n".join(parts)

    def destroy(self):
        """Ends everything of it and removes its directories."""
        Supervisor.living.discard(self)
        for process in self.background:
            if process.poll() is None:
                process.kill()
            process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe:
                    pipe.close()
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in self.shims():
            quietly(os.kill, pid, signal.SIGKILL)
        for root in self.roots:
            clear_group(root)
        # Without cgroups, or out of them: what was started knows our socket.
        for pid in self.strays():
            quietly(os.kill, pid, signal.SIGKILL)
        for path in reversed(self.mounts):
            unmount(path)
        shutil.rmtree(self.base, ignore_errors=True)

    def strays(self):
        mark = self.runtime.encode() + b"/"
        found = []
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid():
                try:
                    with open(f"/proc/{name}/environ", "rb") as f:
                        if mark in f.read():
                            found.append(int(name))
                except OSError:
                    continue
        return found


def tail(path, count=40):
    return "\n".join(lines(path)[-count:])


def quietly(call, *arguments):
    try:
        return call(*arguments)
    except OSError:
        return None


def parent(pid):
    """Pid of the parent of a process, 0 when it is gone."""
    words = read(f"/proc/{pid}/stat", "").rpartition(")")[2].split()
    return int(words[1]) if len(words) > 1 else 0


def members(path):
    """Pids in a group and in those below it."""
    found = []
    for directory, _, _ in os.walk(path):
        found += [int(pid) for pid in read(os.path.join(directory, "cgroup.procs"), "").split()]
    return found


def clear_group(root):
    """Kills what is in a group of ours and removes it."""
    if not os.path.isdir(root):
        return
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for directory, _, _ in os.walk(root, topdown=False):
            for name, value in (("cgroup.freeze", "0"), ("cgroup.kill", "1")):
                quietly(write_text, os.path.join(directory, name), value)
        for directory, _, _ in os.walk(root, topdown=False):
            quietly(os.rmdir, directory)
        if not os.path.isdir(root):
            return
        time.sleep(0.02)


def write_text(path, text):
    with open(path, "w") as f:
        f.write(text)


@atexit.register
def _clean_up():
    for supervisor in list(Supervisor.living):
        supervisor.destroy()


class SystemTest(unittest.TestCase):
    """A test with supervisors of its own."""

    longMessage = True
    maxDiff = 4000

    def setUp(self):
        self.supervisors = []

    def prepare(self, workers=None, settings=None, **keys):
        """A supervisor that is configured and not started."""
        supervisor = Supervisor(workers, settings, **keys)
        self.supervisors.append(supervisor)
        self.addCleanup(supervisor.destroy)
        return supervisor

    def run_with(self, workers=None, settings=None, **keys):
        """A running supervisor."""
        return self.prepare(workers, settings, **keys).start()

    def evidence(self):
        return "\n".join(supervisor.evidence() for supervisor in self.supervisors)

    def assertExit(self, answer, code, *said):
        """The exit code, and every text of `said` somewhere in what it said, in any case of letters."""
        self.assertEqual(answer.code, code, str(answer))
        everything = (answer.out + answer.err).lower()
        for text in said:
            self.assertIn(text.lower(), everything, str(answer))

    def assertNoGroup(self, supervisor, name, instance=1):
        """Nothing lives in the instance's group."""
        self.assertEqual(supervisor.members(name, instance), [], "processes are left in the group")

    def need(self, program):
        """Skips by name what needs a program that is not installed."""
        path = shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")
        if path is None:
            self.skipTest(f"{program} is not installed")
        return path
