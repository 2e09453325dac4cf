"""Workers that lie, forge, escape, refuse to end, or go for their siblings."""

import os
import unittest

import harness
from harness import NOTIFY, alive, read, until
from hostile import NOBODY, OTHER, HostileTest, bystander


class Notify(HostileTest):
    def setUp(self):
        super().setUp()
        self.need_root()

    def victim(self, **keys):
        """A worker of another user that waits to become ready."""
        return harness.py(NOTIFY + "time.sleep(1000000)",
                          **{"user": OTHER, "group": OTHER, "ready": "notify", "start_timeout": "1h", **keys})

    def test_forged_datagrams_reach_no_other_worker(self):
        """issue 3.5: other worker's socket, forged credentials"""
        others = {"victim": self.victim(autostart=False), "same-user": self.victim(autostart=False, user=NOBODY, group=NOBODY)}
        s = self.attack("""
import glob, struct
mine = os.environ['NOTIFY_SOCKET']
tried = 0
while tried < 100:
    tried += 1
    for name in ('victim', 'same-user', 'near', 'evil'):
        path = os.path.join(os.path.dirname(mine), name)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for pid in (os.getpid(), 1, os.getppid()):
            cred = struct.pack('3i', pid, os.getuid(), os.getgid())
            for text in (b'READY=1\\nSTATUS=forged', b'WATCHDOG=trigger', b'STOPPING=1'):
                if name == 'evil' and text != b'READY=1\\nSTATUS=forged': continue
                try: sock.sendmsg([text], [(socket.SOL_SOCKET, 2, cred)], 0, path)
                except OSError: pass
        sock.close()
say('forged')
time.sleep(1000000)
""", others=others)
        s.ok("start", "--no-wait", "victim", "same-user")
        self.compare("forged datagrams")
        until(lambda: os.path.exists(s.path("forged")), "it tried all it could", 4 * harness.PATIENCE)
        until(lambda: s.row("evil")["status_text"] == "forged", "what it says of itself arrives")
        for name in ("victim", "same-user"):
            row = s.row(name)
            self.assertEqual((row["state"], row["status_text"]), ("starting", None), f"{name} was forged")
        for name in ("near", "far"):
            self.assertIsNone(s.row(name)["status_text"])
        self.unharmed()

    def test_a_flood_of_junk_datagrams_stays_its_own(self):
        """issue 3.5: 64 KB of junk, 10^5 a second"""
        s = self.attack("""
path = os.environ['NOTIFY_SOCKET']
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
junk = [os.urandom(65536), b'\\n' * 65536, b'=' * 65536, b'STATUS=' + b'\\xff' * 60000, b'X_NOVA_COST_USD=1e999\\n' * 3000,
        b'WATCHDOG=1', b'EXTEND_TIMEOUT_USEC=99999999999999999999', b'MAINPID=1', b'READY=1\\0\\0', b'']
sent = 0
began = time.monotonic()
while True:
    try: sock.sendto(junk[sent % len(junk)], path); sent += 1
    except OSError: time.sleep(0.0001)
    if sent % 500 == 0 and sent:
        with open(os.path.join(here, 'rate'), 'w') as f: f.write(str(int(sent / (time.monotonic() - began))))
""")
        self.compare("a flood of datagrams")
        rate = until(lambda: read(s.path("rate"), ""), "it has sent some")
        self.figure += f"; {rate} datagrams a second were taken"
        # The API answers meanwhile, and nothing of it is history.
        for _ in range(5):
            self.assertEqual(s.api("GET", "/v1/workers", timeout=5)[0], 200)
        s.ok("stop", "evil")
        self.assertLess(len(s.events(worker="evil")), 20, "datagrams have filled the history")
        self.unharmed()

    def test_a_million_characters_of_status_are_cut_and_clean(self):
        """issue 3.5: 10^6-character status with control characters"""
        s = self.attack("""
path = os.environ['NOTIFY_SOCKET']
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUFFORCE if os.getuid() == 0 else socket.SO_SNDBUF, 8 << 20)
text = '\\x1b[2J\\x1b]0;owned\\x07\\x9b31m\\u202e' * 100000
for size in (1000000, 200000, 60000, 4000):
    try: sock.sendto(b'STATUS=' + text[:size].encode(), path)
    except OSError: pass
body = ('{"status":"' + text[:1000000].replace('\\x1b', '\\\\u001b').replace('\\x07', '\\\\u0007') + '"}').encode()
c = socket.socket(socket.AF_UNIX); c.settimeout(20); c.connect(os.environ['NOVA_SOCKET'])
try:
    c.sendall(b'POST /v1/reports HTTP/1.1\\r\\nHost: n\\r\\nContent-Length: %d\\r\\n\\r\\n' % len(body) + body)
    answer = c.recv(200)
except OSError as problem:
    answer = repr(problem).encode()
with open(os.path.join(here, 'answer'), 'wb') as f: f.write(answer or b'closed')
time.sleep(1000000)
""".replace("%d", "%%d").replace("%%d", "%d"))
        self.compare("endless status texts")
        answer = until(lambda: read(s.path("answer"), ""), "the API answered")
        self.assertRegex(answer, r"HTTP/1.1 4\d\d|closed|Error")
        text = until(lambda: s.row("evil")["status_text"], "a status that fits arrived")
        self.assertLess(len(text), 5000)
        for form in ((), ("-o", "wide"), ("-o", "json")):
            said = s.ok("ps", *form)
            self.assertFalse(any(ord(c) < 32 and c != "\n" for c in said) or "\x9b" in said or "\u202e" in said,
                             f"control characters in ps {form}")
        said = s.ok("status", "evil")
        self.assertNotIn("\x1b", said)
        self.unharmed()


class Signals(HostileTest):
    def setUp(self):
        super().setUp()
        self.need_root()

    def test_it_cannot_reach_siblings_of_another_user(self):
        """issue 3.5: ptraces or signals its siblings under another uid"""
        s = self.attack("""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
done = []
for name in os.listdir('/proc'):
    if not name.isdigit() or int(name) in (os.getpid(), 1): continue
    pid = int(name)
    try:
        if b'NOVA_' not in open('/proc/%d/environ' % pid, 'rb').read(): continue
        done.append('read the environment of %d' % pid) if os.stat('/proc/%d' % pid).st_uid != os.getuid() else None
    except OSError: pass
    for number in (9, 15, 19):
        try:
            if os.stat('/proc/%d' % pid).st_uid != os.getuid():
                os.kill(pid, number); done.append('signalled %d' % pid)
        except OSError: pass
    # Its own user's processes it may trace, here and everywhere.
    try:
        if os.stat('/proc/%d' % pid).st_uid != os.getuid() and libc.ptrace(16, pid, 0, 0) == 0: done.append('traced %d' % pid)
    except OSError: pass
for path in ('/sys/fs/cgroup/cgroup.procs',):
    try: open(path, 'w').write('0'); done.append('left its group')
    except OSError: pass
with open(os.path.join(here, 'done'), 'w') as f: f.write(chr(10).join(done) + '.')
time.sleep(1000000)
""".replace("%d", "%%d").replace("%%d", "%d"), others={"sibling": bystander("/dev/null", user=OTHER, autostart=False)})
        self.compare("an attack on siblings")
        self.assertEqual(until(lambda: read(s.path("done"), ""), "it tried all"), ".")
        self.unharmed()

    def test_a_double_fork_and_new_sessions_do_not_escape(self):
        """issue 3.5: double-fork and setsid escape"""
        s = self.attack("""
for _ in range(20):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid(); os.chdir('/'); os.closerange(0, 64)
            import signal
            for number in range(1, 32):
                try: signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError): pass
            try: open('/proc/self/comm', 'w').write('kworker/0:1')
            except OSError: pass
            while True: time.sleep(100)
        os._exit(0)
say('escaped')
time.sleep(1000000)
""")
        until(lambda: os.path.exists(s.path("escaped")), "it forked away")
        self.compare("an escape")
        until(lambda: len(s.members("evil")) >= 21, "they live in its group")
        pids = s.members("evil")
        s.ok("stop", "evil")
        self.assertEqual([pid for pid in pids if alive(pid)], [])
        self.unharmed()

    def test_it_ignores_every_signal_and_is_ended(self):
        """issue 3.5: ignores SIGTERM"""
        s = self.attack("""
for number in signal.valid_signals():
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
say('deaf')
while True: time.sleep(100)
""")
        until(lambda: os.path.exists(s.path("deaf")), "it is deaf")
        pid = s.wait_up("evil")["pid"]
        stopping = s.begin("stop", "evil")
        self.compare("the stop of a deaf worker")
        self.assertExit(s.finish(stopping), 0)
        self.assertFalse(alive(pid))
        self.assertEqual(s.row("evil")["last_exit"]["signal"], 9)
        self.unharmed()

    def test_one_that_stops_itself_can_still_end_well(self):
        """issue 3.5: stops itself"""
        s = self.attack("""
def bye(*_):
    say('bye'); os._exit(0)
signal.signal(signal.SIGTERM, bye)
say('about to stop')
os.kill(os.getpid(), signal.SIGSTOP)
while True: time.sleep(100)
""", stop_timeout="30s")
        pid = s.wait_up("evil")["pid"]
        until(lambda: "T" in harness.proc_status(pid)["State"].split()[0], "it stopped itself")
        self.compare("a stopped worker")
        s.ok("stop", "evil")
        self.assertTrue(os.path.exists(s.path("bye")), "it was continued after its stop signal, as systemd does")
        self.unharmed()

    def test_every_exit_code_and_signal_is_booked_as_it_was(self):
        """issue 3.5: exits with every code and signal"""
        s = self.attack("""
n = int(open(os.path.join(here, 'n')).read() or 0) if os.path.exists(os.path.join(here, 'n')) else 0
with open(os.path.join(here, 'n'), 'w') as f: f.write(str(n + 1))
if n < 256: os._exit(n)
number = n - 255
if number <= 64 and number not in (17, 18, 19, 20, 21, 22, 23, 28, 32, 33):
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
    try: signal.signal(number, signal.SIG_DFL)
    except (OSError, ValueError): pass
    os.kill(os.getpid(), number)
if number <= 64: os._exit(0)
time.sleep(1000000)
""", backoff={"delay": "1ms", "factor": 1, "max": "1ms", "jitter": "0%"}, max_crashes=1000, max_cooldowns=-1)
        self.compare("320 quick ends")
        until(lambda: int(read(s.path("n"), "0") or 0) >= 321, lambda: f"every end happened: {read(s.path('n'), '0')}",
              8 * harness.PATIENCE)

        def booked():
            return [row[0] for row in s.sql(
                "SELECT exit_status FROM incarnation WHERE worker = 'evil' AND ended_usec IS NOT NULL ORDER BY serial")]

        until(lambda: len(booked()) >= 320, lambda: f"every end is booked: {len(booked())}")
        expected = [f"exited {n}" for n in range(256)]
        for number in range(1, 65):
            if number in (17, 18, 19, 20, 21, 22, 23, 28, 32, 33):
                expected.append("exited 0")
            else:
                expected.append((f"signaled {number}", f"dumped {number}"))
        for want, got in zip(expected, booked()):
            self.assertIn(got, want if isinstance(want, tuple) else (want,))
        self.unharmed()

    def test_a_name_that_lies_deceives_nobody(self):
        """issue 3.5: renames itself"""
        s = self.attack("""
import ctypes
libc = ctypes.CDLL(None)
for name in (b') R 1 1 1 (', b'\\x1b[2J\\n)', b'nova-shim', b'a b) Z 0'):
    libc.prctl(15, name, 0, 0, 0)
say('renamed')
while True: time.sleep(100)
""")
        until(lambda: os.path.exists(s.path("renamed")), "it renamed itself")
        pid = s.wait_up("evil")["pid"]
        self.compare("a false name")
        tree = s.ok("ps", "--tree", "evil")
        self.assertIn(str(pid), tree)
        self.assertNotIn("\x1b", tree)
        s.kill9()
        s.start()
        self.assertEqual(s.wait_up("evil")["pid"], pid, "it was adopted under its false name")
        self.assertIsNotNone(until(lambda: s.row("evil")["memory_bytes"], "it is read"))
        s.ok("stop", "evil")
        self.assertFalse(alive(pid))

    def test_the_main_process_dies_and_leaves_a_crowd(self):
        """issue 3.5: double-fork; architecture, rule 1: stopped means gone"""
        s = self.attack("""
for _ in range(50):
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True: time.sleep(100)
say('crowd')
os._exit(3)
""", restart="never", stop_timeout="300ms")
        self.compare("a crowd without its main process")
        s.wait_state("evil", "failed")
        self.assertNoGroup(s, "evil")
        self.unharmed()


if __name__ == "__main__":
    unittest.main()
