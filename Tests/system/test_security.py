"""Who may do what, the modes of what is on the disk, and where secrets are not (issue 3, point 8).

docs/explanation/threat-model.md is the contract: its table of modes is read here and compared with a running fleet."""

import glob
import hashlib
import json
import os
import re
import stat
import subprocess

from harness import NOTIFY, PYTHON, TOP, SystemTest, py, read, sh, steady, until
from test_cli_api import Roles

NOBODY = 65534
# What `edge` asks is nova-edge's own business, and root's.
RANKS = {"none": 0, "worker": 1, "read": 2, "act": 3, "edge": 4}
# Asks every operation once, as whoever runs it; prints the status codes in order. The body is no JSON, so that an
# order that is let through does nothing.
ASK_ALL = """
import http.client, json, socket, sys
class U(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX); self.sock.settimeout(60); self.sock.connect(sys.argv[1])
for method, path in json.loads(sys.argv[2]):
    c = U('nova')
    body = None if method == 'GET' else '{'
    c.request(method, path, body, {'Content-Type': 'application/json'} if body else {})
    print(c.getresponse().status, flush=True)
    c.close()
"""


def operations(s):
    """(role, method, path) of everything that the served description names."""
    found = []
    for path, methods in s.api("GET", "/v1/openapi.json")[1]["paths"].items():
        for method, operation in methods.items():
            found.append((operation["x-role"], method.upper(), re.sub(r"{\w+}", "a", path)))
    return found


class FourUids(SystemTest):
    with_groups = Roles.with_groups
    READ, ACT = Roles.READ, Roles.ACT

    def asked_by(self, s, calls, **who):
        done = subprocess.run(
            [PYTHON, "-I", "-S", "-c", ASK_ALL, s.socket, json.dumps([call[1:] for call in calls])],
            capture_output=True, text=True, cwd="/", **who)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [int(line) for line in done.stdout.split()]

    def test_every_operation_is_judged_by_who_asks(self):
        """issue 3, 8: roles tested from four uids; interface.md: root, nova-admin, nova, anyone else"""
        s = self.with_groups({"a": steady()})
        s.wait_up("a")
        calls = operations(s)
        self.assertGreater(len(calls), 12)
        self.assertEqual({role for role, _, _ in calls} - set(RANKS), set())
        for who, rank, keys in (
                ("root", 4, {}), ("a member of nova-admin", 3, {"user": 40001, "group": 40001, "extra_groups": [self.ACT]}),
                ("a member of nova", 2, {"user": 40002, "group": 40002, "extra_groups": [self.READ]}),
                ("a stranger", 0, {"user": 40003, "group": 40003, "extra_groups": []})):
            for (role, method, path), status in zip(calls, self.asked_by(s, calls, **keys), strict=True):
                # A worker's own page is a worker's alone: whoever is none has no worker to speak for.
                if role == "worker" and rank > 0:
                    continue
                wrong = f"{who}: {method} {path} ({role}): {status}"
                if rank >= RANKS[role]:
                    self.assertNotIn(status, (401, 403), wrong)
                else:
                    self.assertEqual(status, 403, wrong)
        self.assertEqual(s.state_of("a"), "running")

    def test_a_worker_reaches_its_own_pages_and_no_other_even_as_root(self):
        """interface.md: a process inside a worker's cgroup may report for that worker alone"""
        s = self.prepare({"a": steady()})
        s.start()
        calls = operations(s)
        s.configure({"a": steady(), "b": py(
            "import subprocess, sys, os\n"
            f"out = subprocess.run([sys.executable, '-I', '-S', '-c', os.environ['ASK'], {s.socket!r}, os.environ['CALLS']],"
            f" capture_output=True, text=True)\nopen({s.path('out')!r} + '.new', 'w').write(out.stdout + out.stderr)\n"
            f"os.rename({s.path('out')!r} + '.new', {s.path('out')!r})\nimport time; time.sleep(1000)",
            environment={"ASK": ASK_ALL.replace("%", "%%"), "CALLS": json.dumps([c[1:] for c in calls])})})
        s.ok("reload")
        until(lambda: os.path.exists(s.path("out")), "it asked", 120)
        statuses = [int(line) for line in read(s.path("out")).split()]
        for (role, method, path), status in zip(calls, statuses, strict=True):
            wrong = f"{method} {path} ({role}): {status}"
            if role in ("none", "worker"):
                self.assertNotIn(status, (401, 403), wrong)
            else:
                self.assertEqual(status, 403, wrong)


def page_modes():
    """Rows of the page's table: path pattern, mode, owner (root or worker)."""
    rows = re.findall(r"^\| `(/[^`]+)` \| (0\d{3}) \| (\w+) \|", read(os.path.join(TOP, "docs/explanation/threat-model.md")), re.M)
    return [(path, int(mode, 8), owner) for path, mode, owner in rows]


class Modes(SystemTest):
    def test_files_and_sockets_have_the_modes_that_the_page_says_whatever_the_umask_is(self):
        """issue 3, 8: files and sockets with the modes the page says"""
        s = self.prepare(wrap=["/bin/sh", "-c", "umask 077; exec \"$@\"", "sh"])
        with open(os.path.join(s.config, "nova.env"), "w") as f:
            f.write("STRIPE_API_KEY=sk_test\n")
        os.chmod(os.path.join(s.config, "nova.env"), 0o640)
        # Ready means: it could pass through every directory on the way to its socket, its secret and its own limits.
        s.configure({"a": py(
            NOTIFY + "assert open(os.environ['CREDENTIALS_DIRECTORY'] + '/STRIPE_API_KEY').read() == 'sk_test'\n"
            "group = [l[3:].strip() for l in open('/proc/self/cgroup') if l.startswith('0::')][0]\n"
            f"assert not {s.roots!r} or any(os.path.exists(r + '/w-a-1/cgroup.events') and open(r + '/w-a-1/cgroup.events') for r in {s.roots!r})\n"
            "notify('READY=1'); time.sleep(1000)",
            ready="notify", user="nobody", directory="/", secrets=["STRIPE_API_KEY"], logs={"driver": "file"})})
        s.start()
        until(lambda: s.state_of("a") == "ready", lambda: s.cli("logs", "a", "-n", "5"))
        places = {"/etc/nova": s.config, "/var/lib/nova": s.state, "/run/nova": s.runtime}
        seen = 0
        for path, mode, owner in page_modes():
            top = next(top for top in places if path == top or path.startswith(top + "/"))
            here = places[top] + path[len(top):]
            # The directories themselves are made by the package and by setup, which are looked at in the machine.
            if path in places:
                continue
            here = here.replace("NAME@N", "a@1").replace("NAME", "a").replace("SECRET", "STRIPE_API_KEY")
            for found in glob.glob(here):
                seen += 1
                info = os.lstat(found)
                self.assertEqual(oct(stat.S_IMODE(info.st_mode)), oct(mode), path)
                self.assertEqual(info.st_uid, NOBODY if owner == "worker" else 0, path)
        self.assertGreaterEqual(seen, 12)

    def test_nothing_of_ours_is_writable_for_others_and_every_socket_is_on_the_page(self):
        """issue 3, 8"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        named = {os.path.basename(path) for path, _, _ in page_modes()}
        for base in (s.runtime, s.state):
            for folder, _, names in os.walk(base):
                for name in names:
                    info = os.lstat(os.path.join(folder, name))
                    if stat.S_ISSOCK(info.st_mode):
                        self.assertTrue(name in named or folder.endswith("/notify"), f"{name} is on the page")
                        if name == "supervisor.sock":
                            continue
                    # The group of this one is that of nova-edge's user, or root's where there is none.
                    others = 0o002 if name == "gateway.sock" else 0o022
                    self.assertEqual(stat.S_IMODE(info.st_mode) & others, 0, os.path.join(folder, name))


class Secrets(SystemTest):
    SECRET, FILE = "sk_live_9f3acredential", "pw_77d0environmentfile"

    def test_a_secret_is_seen_by_its_worker_alone(self):
        """issue 3, 8: never visible in ps, /proc/PID/environ of another uid, the API or logs"""
        s = self.prepare()
        with open(os.path.join(s.config, "nova.env"), "w") as f:
            f.write(f"STRIPE_API_KEY={self.SECRET}\n")
        with open(s.path("env"), "w") as f:
            f.write(f"PASSWORD={self.FILE}\n")
        s.configure({"a": sh(
            f"sha256sum < $CREDENTIALS_DIRECTORY/STRIPE_API_KEY > {s.path('sum')}; exec sleep 1000",
            secrets=["STRIPE_API_KEY"], environment_file=s.path("env"), logs={"driver": "file"}),
            "broken": sh("exit 1", secrets=["NOT_THERE"], autostart=False)})
        s.start()
        pid = s.wait_up("a")["pid"]
        # The worker itself has both: otherwise there would be nothing to hide.
        until(lambda: read(s.path("sum"), "").startswith(hashlib.sha256(self.SECRET.encode()).hexdigest()), "it read its secret")
        self.assertIn(self.FILE, read(f"/proc/{pid}/environ"))
        s.cli("start", "broken"), s.ok("restart", "a"), s.ok("reload", "--dry-run")
        pid = s.wait_up("a")["pid"]

        def holds(text, *allowed):
            return [word for word in (self.SECRET, self.FILE) if word in text and word not in allowed]
        for name in filter(str.isdigit, os.listdir("/proc")):
            for kind in ("cmdline", "environ"):
                text = read(f"/proc/{name}/{kind}", "")
                self.assertEqual(holds(text, *([self.FILE] if kind == "environ" and int(name) == pid else [])), [],
                                 f"/proc/{name}/{kind}")
        for number in (pid, s.pid, s.shim()):
            done = subprocess.run(["/bin/cat", f"/proc/{number}/environ"], user=NOBODY, group=NOBODY, extra_groups=[],
                                  capture_output=True)
            self.assertNotEqual(done.returncode, 0, "another uid reads an environment")
        for role, method, path in operations(s):
            if method == "GET" and "wait" not in path:
                connection = s.api("GET", path + ("?limit=10000" if path.endswith("events") else ""))
                self.assertEqual(holds(json.dumps(connection[1])), [], path)
        for verb in (["status"], ["status", "a"], ["ps", "-o", "json"], ["ps", "--tree"], ["events", "-o", "json"], ["logs", "a"],
                     ["reload", "--dry-run", "-o", "json"], ["check", s.config]):
            answer = s.cli(*verb)
            self.assertEqual(holds(str(answer)), [], verb)
        for folder, _, names in os.walk(s.state):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    self.assertEqual(holds(f.read().decode("latin-1")), [], name)
        self.assertEqual(holds(s.said()), [], "what the supervisor says")
        self.assertEqual(holds(read(os.path.join(s.runtime, "shim.log"), "")), [], "what the shim says")
