"""Workers that take all they can get: memory, output, processes, descriptors, connections."""

import os
import threading
import unittest

import harness
from harness import until
from hostile import HostileTest, open_files


class Resources(HostileTest):
    def setUp(self):
        super().setUp()
        self.need_root()

    def test_a_fork_bomb_stays_within_its_pids(self):
        """issue 3.5: fork bomb under pids"""
        controllers = open_controllers()
        if "pids" not in controllers:
            self.skipTest("no pids controller here: Tests/vm plays it (scenario hostile)")
        s = self.attack("""
while True:
    try: os.fork()
    except OSError: time.sleep(0.001)
""", limits={"pids": 64})
        until(lambda: len(s.members("evil")) >= 60, "the bomb has filled its limit")
        self.compare("a fork bomb")
        self.assertLessEqual(len(s.members("evil")), 64)
        s.ok("stop", "evil")
        self.assertNoGroup(s, "evil")
        self.unharmed()

    def test_a_memory_bomb_is_ended_with_its_reason(self):
        """issue 3.5: memory bomb under memory"""
        # 1.5 GiB at most: where readings enforce the limit it has up to a second, and the machine is shared.
        s = self.attack("""
held = []
for _ in range(96):
    held.append(bytearray(os.urandom(1) * (16 << 20))); time.sleep(0.02)
time.sleep(1000000)
""", limits={"memory": "128M"}, restart="never")
        self.compare("a memory bomb")
        row = s.wait_state("evil", "failed")
        self.assertIn(row["reason"], ("oom", "memory_limit"))
        self.unharmed()

    def test_a_gigabyte_of_output_fills_no_disk(self):
        """issue 3.5: floods its stdout (1 GB)"""
        s = self.attack("""
line = b'x' * 1023 + b'\\n'
block = line * 1024
began = time.monotonic()
for number in range(1024):
    os.write(1, block)
    # 150 MiB a second, more than most disks take: so it lasts some seconds on every machine.
    while time.monotonic() < began + number / 150: time.sleep(0.002)
say('written')
time.sleep(1000000)
""", logs={"driver": "file", "max_size": "4M", "keep": 2})
        worst = 0
        over = threading.Event()

        def size():
            return sum(blocks(os.path.join(folder, name)) for folder, _, names in os.walk(s.state) for name in names
                       if name.startswith("evil"))

        def watch():
            nonlocal worst
            while not over.wait(0.02):
                worst = max(worst, size())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            self.compare("a gigabyte of output")
            until(lambda: os.path.exists(s.path("written")), "it wrote its gigabyte", 4 * harness.PATIENCE)
        finally:
            over.set()
            watcher.join()
        self.figure += f"; at most {worst >> 20} MiB on disk"
        # What is kept, 16 MiB of slack, and what comes between two looks and while a head is copied.
        self.assertLess(worst, 500 << 20, "the logs grew without bound")
        until(lambda: size() < 100 << 20, lambda: f"{size() >> 20} MiB are left after the flood")
        self.assertTrue(s.events("supervisor.trouble"), "it says that not all could be kept")
        self.assertEqual(s.ok("logs", "evil", "-n", "1", "--no-prefix").strip(), "x" * 1023)
        self.unharmed()

    def test_a_worker_that_closes_its_output_lives_on(self):
        """issue 3.5: closes its stdout"""
        s = self.attack("os.close(0); os.close(1); os.close(2)\nsay('closed')\ntime.sleep(1000000)")
        self.compare("closed outputs")
        pid = s.wait_up("evil")["pid"]
        until(lambda: os.path.exists(s.path("closed")), "it closed its stdout")
        s.ok("logs", "evil")
        self.assertEqual(s.wait_up("evil")["pid"], pid)
        s.ok("restart", "evil")
        self.unharmed()

    def test_a_hundred_thousand_zombies_are_reaped_in_the_end(self):
        """issue 3.5: leaks 10^5 zombies"""
        count = zombies_possible(100_000)
        s = self.attack(f"""
for _ in range({count}):
    try: pid = os.fork()
    except OSError: break
    if pid == 0: os._exit(0)
say('zombies')
time.sleep(1000000)
""")
        self.compare(f"the making of {count} zombies")
        until(lambda: os.path.exists(s.path("zombies")), "it made its zombies", 10 * harness.PATIENCE)
        until(lambda: s.row("evil")["cpu_usage_usec"] is not None, "it is read")
        s.ok("ps")
        s.ok("stop", "evil")
        shim = s.shim()
        until(lambda: not zombies_of(shim), "the shim reaped them all", 4 * harness.PATIENCE)
        self.unharmed()

    def test_descriptors_sent_by_notify_are_not_kept(self):
        """issue 3.5: floods notify datagrams; a leak of descriptors would end the supervisor"""
        s = self.attack("""
import array
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
address = os.environ['NOTIFY_SOCKET']
null = os.open('/dev/null', os.O_RDONLY)
fds = array.array('i', [null] * 250)
while True:
    try: sock.sendmsg([b'FDSTORE=1\\nFDNAME=x\\nBARRIER=1'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)], 0, address)
    except OSError: time.sleep(0.001)
""")
        self.compare("a flood of descriptors")
        count = open_files(s.pid)
        s.ok("stop", "evil")
        self.assertLess(count, 400, "descriptors pile up while they come")
        self.unharmed()

    def test_connections_that_never_ask_keep_nobody_out(self):
        """issue 3.5: the API's socket is open to every user"""
        s = self.attack("""
held = []
while True:
    try:
        c = socket.socket(socket.AF_UNIX); c.settimeout(1)
        c.connect(os.environ['NOVA_SOCKET']); c.send(b'GET /v1/workers HTTP/1.1\\r\\nX: ')
        held.append(c)
    except OSError:
        time.sleep(0.01)
        if len(held) > 500: held = held[250:]
""")
        self.compare("a storm of connections")
        for _ in range(5):
            s.ok("ps", "-q")
        self.assertLess(open_files(s.pid), 700)
        s.ok("stop", "evil")
        self.unharmed()

    def test_requests_as_fast_as_they_go_delay_nobody_for_long(self):
        """issue 3.5: 10^5 a second; here of requests that are refused"""
        s = self.attack("""
import threading
def ask():
    while True:
        try:
            c = socket.socket(socket.AF_UNIX); c.settimeout(5); c.connect(os.environ['NOVA_SOCKET'])
            for _ in range(100):
                c.send(b'POST /v1/actions HTTP/1.1\\r\\nHost: n\\r\\nContent-Length: 46\\r\\n\\r\\n{"targets":["near"],"action":"stop","wait":true}'[:-2])
                c.recv(65536)
        except OSError: pass
for _ in range(4): threading.Thread(target=ask).start()
""")
        self.compare("a flood of requests")
        until(lambda: s.events("api.denied"), "they are refused and written down")
        s.ok("stop", "evil")
        self.assertLess(len(s.events("api.denied")), 100, "every refusal is an event: the history is flooded")
        self.unharmed()


def blocks(path):
    try:
        return os.stat(path).st_blocks * 512
    except FileNotFoundError:
        return 0


def open_controllers():
    place = harness.cgroup2()
    return harness.read(os.path.join(place[0], "cgroup.controllers"), "").split() if place else []


def zombies_possible(wanted):
    """As many as the host has numbers and half of its free memory for (some 16 KiB of kernel memory each)."""
    numbers = int(harness.read("/proc/sys/kernel/pid_max"))
    free = next(int(line.split()[1]) for line in harness.read("/proc/meminfo").splitlines() if line.startswith("MemAvailable"))
    threads = int(harness.read("/proc/sys/kernel/threads-max"))
    return max(1000, min(wanted, numbers // 2, threads // 2, free // 2 // 16))


def zombies_of(parent):
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = harness.read(f"/proc/{name}/stat", "x) X 0").rsplit(")", 1)[1].split()
            if fields[0] == "Z" and int(fields[1]) == parent:
                found.append(int(name))
    return found


if __name__ == "__main__":
    unittest.main()
