"""Workers with `network: gateway`: the listener in their own network, from the kernel to whoever reads gateway.sock.

The test plays nova-edge: it reads gateway.sock and accepts on what it is handed. Must never be satisfied with a
listener by its name: bytes are exchanged over it, or its inode is compared.
"""

import array
import json
import os
import shutil
import signal
import socket
import subprocess
import unittest

from harness import NEVER, PATIENCE, PYTHON, QUICK, SystemTest, argv, py, read, sh, steady, until

DIAL = """
import socket, sys, time
def dial(text):
    c = socket.create_connection(('127.0.0.1', 7481), 30)
    c.sendall(text.encode() + b'\\n')
    return c.makefile().readline().strip()
"""
# Dials for as long as it lives, and writes what it is answered.
DIALER = DIAL + """
import os
while True:
    print('answered', dial(os.environ['NOVA_WORKER'] + ' ' + os.environ['NOVA_INSTANCE']), flush=True)
    time.sleep(0.05)
"""


def may_unshare():
    """Whether a process may have a network of its own here."""
    tried = subprocess.run(["/usr/bin/unshare", "-n", "true"], capture_output=True)
    return os.geteuid() == 0 and tried.returncode == 0


class Gateway:
    """A reader of gateway.sock."""

    def __init__(self, supervisor, timeout=PATIENCE):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(timeout)
        self.socket.connect(os.path.join(supervisor.runtime, "gateway.sock"))
        # (worker, instance): (incarnation, listener)
        self.listeners = {}
        self.news = []

    def close(self):
        self.socket.close()
        for _, listener in self.listeners.values():
            listener.close()
        self.listeners = {}

    def take(self):
        """The next message; None at the end."""
        data, ancillary, flags, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(4 * 8), socket.MSG_CMSG_CLOEXEC)
        if not data:
            return None
        assert flags & (socket.MSG_CTRUNC | socket.MSG_TRUNC) == 0, flags
        numbers = array.array("i")
        for level, kind, raw in ancillary:
            assert (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS), (level, kind)
            numbers.frombytes(raw)
        assert data.endswith(b"\n") and data.count(b"\n") == 1, data
        message = json.loads(data)
        self.news.append(message)
        if "listed" in message:
            assert message == {"listed": True} and not numbers, message
            return message
        key = message["worker"], message["instance"]
        if message.get("gone"):
            assert not numbers, message
            incarnation, listener = self.listeners.pop(key)
            assert incarnation == message["incarnation"], message
            listener.close()
        else:
            assert len(numbers) == 1 and list(message) == ["worker", "instance", "incarnation"], message
            assert key not in self.listeners, message
            self.listeners[key] = message["incarnation"], socket.socket(fileno=numbers[0])
        return message

    def until(self, holds):
        """Reads until it holds."""
        while not holds():
            if self.take() is None:
                raise AssertionError(f"gateway.sock ended: {self.news}")
        return self

    def listed(self):
        return self.until(lambda: {"listed": True} in self.news)

    def listener(self, worker, instance=1):
        self.until(lambda: (worker, instance) in self.listeners)
        return self.listeners[worker, instance][1]

    def answer(self, worker, instance=1, text="yes"):
        """Accepts one connection, answers it, and says what it said."""
        listener = self.listener(worker, instance)
        listener.settimeout(PATIENCE)
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(PATIENCE)
            said = connection.makefile().readline().strip()
            connection.sendall(text.encode() + b"\n")
        return said

    def inode(self, worker, instance=1):
        return os.fstat(self.listener(worker, instance).fileno()).st_ino


def apart(spec, **security):
    return {**spec, "security": {"network": "gateway", **security}}


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


@unittest.skipUnless(may_unshare(), "a network of its own is not allowed here")
class GatewayNetwork(SystemTest):
    def reader(self, supervisor):
        reader = Gateway(supervisor)
        self.addCleanup(reader.close)
        return reader

    def test_who_connects_on_the_listener_is_that_worker_and_nothing_else_is_reachable(self):
        """issue 8, 3: identity from the kernel"""
        host = socket.create_server(("127.0.0.1", 0))
        host6 = socket.create_server(("::1", 0), family=socket.AF_INET6)
        self.addCleanup(host.close)
        self.addCleanup(host6.close)
        ports = host.getsockname()[1], host6.getsockname()[1]
        code = DIAL + f"""
import errno
print('answered', dial('here I am'), flush=True)
for place in [('10.0.0.1', 80), ('1.1.1.1', 443), ('8.8.8.8', 53), ('2606:4700::1111', 443),
              ('127.0.0.1', {ports[0]}), ('::1', {ports[1]}), ('::1', 7481)]:
    try:
        socket.create_connection(place, 20)
        print(place[0], place[1], 'reached', flush=True)
    except OSError as e:
        print(place[0], place[1], errno.errorcode[e.errno], flush=True)
time.sleep(1000)
"""
        s = self.prepare({"a": apart(py(code, logs={"driver": "file"}))})
        self.assertNotIn("not yet in effect", str(s.cli("check", s.config)))
        s.start()
        reader = self.reader(s)
        self.assertEqual(reader.answer("a", text="welcome"), "here I am")
        self.assertEqual(len([m for m in reader.news if "worker" in m]), 1)
        expected = ["answered welcome", "10.0.0.1 80 ENETUNREACH", "1.1.1.1 443 ENETUNREACH", "8.8.8.8 53 ENETUNREACH",
                    "2606:4700::1111 443 ENETUNREACH", f"127.0.0.1 {ports[0]} ECONNREFUSED",
                    f"::1 {ports[1]} ECONNREFUSED", "::1 7481 ECONNREFUSED"]
        said = until(lambda: (lambda got: got if len(got) == len(expected) else None)(
            s.ok("logs", "a", "--no-prefix").splitlines()), lambda: s.ok("logs", "a"))
        self.assertEqual(said, expected)
        pid = s.row("a")["pid"]
        self.assertNotEqual(os.readlink(f"/proc/{pid}/ns/net"), os.readlink("/proc/self/ns/net"))
        s.stop()
        reader.until(lambda: reader.news[-1].get("gone"))
        self.assertIsNone(reader.take(), "gateway.sock ends with the supervisor")
        self.assertFalse(os.path.exists(os.path.join(s.runtime, "gateway.sock")))

    def test_two_instances_have_two_listeners_and_are_told_apart(self):
        """issue 8, 3"""
        s = self.run_with({"a": apart(py(DIALER, instances=2)), "host": steady(), "none": steady(security={"network": "none"})})
        s.wait_up("host")
        s.wait_up("none")
        reader = self.reader(s).listed()
        for number in (1, 2):
            self.assertEqual(reader.answer("a", number), f"a {number}")
        self.assertNotEqual(reader.inode("a", 1), reader.inode("a", 2))
        self.assertEqual(sorted(reader.listeners), [("a", 1), ("a", 2)])
        nets = {os.readlink(f"/proc/{s.row('a', n)['pid']}/ns/net") for n in (1, 2)}
        self.assertEqual(len(nets), 2)
        s.ok("scale", "a=1")
        reader.until(lambda: ("a", 2) not in reader.listeners)
        self.assertEqual(reader.answer("a", 1), "a 1")

    def test_a_new_life_has_a_new_listener_and_the_old_one_is_said_to_be_gone(self):
        """issue 8, 3"""
        s = self.run_with({"a": apart(py(DIALER))})
        reader = self.reader(s)
        self.assertEqual(reader.answer("a"), "a 1")
        first, pid = reader.listeners["a", 1][0], s.row("a")["pid"]
        s.ok("restart", "a")
        s.wait_new_pid("a", pid)
        reader.until(lambda: ("a", 1) in reader.listeners and reader.listeners["a", 1][0] != first)
        self.assertEqual(reader.answer("a"), "a 1")
        second = reader.listeners["a", 1][0]
        self.assertGreater(second, first)
        told = [(m["incarnation"], m.get("gone", False)) for m in reader.news if "worker" in m]
        self.assertEqual(told, [(first, False), (first, True), (second, False)])

    def test_kill_9_of_the_supervisor_hands_the_same_listener_out_again(self):
        """issue 8, 3: after a crash of the brain the next one gets them again"""
        s = self.run_with({"a": apart(py(DIALER)), "b": apart(steady(autostart=False))})
        reader = self.reader(s)
        self.assertEqual(reader.answer("a"), "a 1")
        pid, inode, told = s.row("a")["pid"], reader.inode("a"), reader.listeners["a", 1][0]
        for _ in range(2):
            s.kill9()
            # What was handed over goes on being the worker's while nobody supervises.
            self.assertEqual(reader.answer("a"), "a 1")
            s.start()
            again = self.reader(s).listed()
            self.assertEqual(again.news[0], {"worker": "a", "instance": 1, "incarnation": told})
            self.assertEqual(again.inode("a"), inode)
            self.assertEqual(again.answer("a"), "a 1")
            self.assertEqual(s.row("a")["pid"], pid)
        # Ended while nobody was there: the next one does not hand it out.
        s.kill9()
        os.kill(pid, signal.SIGKILL)
        s.start()
        last = self.reader(s)
        last.until(lambda: ("a", 1) in last.listeners and last.listeners["a", 1][0] != told)
        self.assertNotIn(told, [m.get("incarnation") for m in last.news])
        self.assertEqual(last.answer("a"), "a 1")

    def test_the_reader_may_die_and_come_back_and_gets_everything_again(self):
        """issue 8, 3: after a crash of nova-edge"""
        s = self.run_with({"a": apart(py(DIALER)), "b": apart(steady())})
        inodes = None
        for _ in range(3):
            reader = self.reader(s)
            reader.listener("a"), reader.listener("b")
            found = reader.inode("a"), reader.inode("b")
            self.assertEqual(inodes or found, found)
            inodes = found
            self.assertEqual(reader.answer("a"), "a 1")
            reader.close()

    def test_a_reader_that_does_not_read_holds_nobody_up(self):
        """issue 8, 3: a slow or dead reader is dropped, nothing blocks the loop"""
        s = self.run_with({"a": apart(sh("exit 1", backoff={"delay": "1ms", "factor": 1, "max": "1ms", "jitter": "0%"},
                                         max_crashes=1000, instances=4))})
        stuck = [self.reader(s) for _ in range(2)]
        good = self.reader(s)
        lives = 0
        while lives < 400:
            message = good.take()
            self.assertIsNotNone(message, "the one who reads is told on")
            lives += "worker" in message and not message.get("gone")
        self.assertEqual(s.api("GET", "/v1/status")[0], 200)
        # Its kernel buffer is full of what it was told at first; the supervisor keeps no more for it than lives.
        self.assertLess(descriptors(s.pid), 200)
        for reader in stuck:
            reader.close()

    def test_a_crash_loop_works_and_ends_without_a_descriptor_more(self):
        """issue 8, 3: no leak over 50 restarts; a worker that crashes in a loop"""
        s = self.run_with({
            "loop": apart(sh("exit 1", backoff={"delay": "10ms", "factor": 1, "max": "10ms", "jitter": "0%"},
                             max_crashes=1000, autostart=False)),
            "bad": apart(argv("/nonexistent/program", autostart=False, backoff=NEVER))})
        shim = s.shim()

        def fail():
            s.cli("start", "bad", "--no-wait")
            s.wait_state("bad", "backoff")
            s.ok("stop", "bad")

        # Each worker's notify socket is opened at its first start, and stays.
        s.ok("start", "loop", "--no-wait")
        until(lambda: s.row("loop")["crashes"] > 1, "it crashes")
        s.ok("stop", "loop")
        fail()
        before = descriptors(shim), descriptors(s.pid)
        reader = self.reader(s).listed()
        s.ok("start", "loop", "--no-wait")
        for _ in range(50):
            count = len(reader.news)
            reader.until(lambda: len(reader.news) > count and reader.news[-1].get("gone"))
        s.ok("stop", "loop")
        fail()
        reader.close()
        until(lambda: descriptors(shim) <= before[0], lambda: f"shim: {descriptors(shim)}, was {before[0]}")
        until(lambda: descriptors(s.pid) <= before[1], lambda: f"supervisor: {descriptors(s.pid)}, was {before[1]}")

    def test_the_listener_lives_through_a_new_shim_program(self):
        """issue 8, 3: carried over the shim's reexec"""
        s = self.prepare()
        programs(s)
        s.configure({"a": apart(py(DIALER))})
        s.start()
        reader = self.reader(s)
        self.assertEqual(reader.answer("a"), "a 1")
        inode, pid, shim = reader.inode("a"), s.row("a")["pid"], s.shim()
        before = descriptors(shim)
        s.kill9()
        with open(os.path.join(s.bin, "nova-shim"), "rb") as f:
            install(s, f.read() + b"\0")
        s.start()
        until(lambda: s.events("shim.renewed"), lambda: s.events("shim"))
        self.assertEqual((s.shim(), s.row("a")["pid"]), (shim, pid))
        again = self.reader(s).listed()
        self.assertEqual(again.inode("a"), inode)
        self.assertEqual(again.answer("a"), "a 1")
        self.assertEqual(descriptors(shim), before)
        s.ok("stop", "a")
        again.until(lambda: not again.listeners)
        until(lambda: descriptors(shim) < before, "the new program closes it with the life")

    def test_a_shim_of_before_refuses_such_a_worker_with_a_sentence_and_runs_the_others(self):
        """issue 8, 3: new brain with old shim"""
        s = self.prepare()
        programs(s)
        # The same program that does not say the word, and knows another one.
        with open(os.path.join(s.bin, "nova-shim"), "rb") as f:
            old = f.read()
        self.assertIn(b"gateway", old)
        install(s, old.replace(b"gateway", b"gatewax"))
        s.configure({"a": apart(steady(backoff=NEVER)), "b": steady()})
        s.start()
        s.wait_up("b")
        s.wait_state("a", "backoff")
        told = s.ok("status", "a")
        self.assertIn("cannot give it a network with a way to the gateway", told)
        self.assertIn("restart nova-workers", told)
        self.assertEqual(self.reader(s).listed().listeners, {})

    def test_strangers_and_workers_are_refused(self):
        """issue 8, 3: SO_PEERCRED must be root or nova-edge"""
        code = """
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.settimeout(20)
try:
    s.connect(sys.argv[1])
    print('got', s.recv(4096), flush=True)
except OSError as e:
    print('refused', type(e).__name__, flush=True)
time.sleep(1000)
"""
        s = self.prepare()
        path = os.path.join(s.runtime, "gateway.sock")
        worker = py(code, logs={"driver": "file"})
        worker["command"].append(path)
        s.configure({"a": apart(steady()), "root": worker})
        s.start()
        s.wait_up("a")
        # A worker is one whatever its uid: this one is root.
        until(lambda: s.ok("logs", "root", "--no-prefix").splitlines() == ["got b''"], lambda: s.ok("logs", "root"))
        self.assertEqual(os.stat(path).st_mode & 0o007, 0)
        stranger = [PYTHON, "-ISc", code.replace("time.sleep(1000)", ""), path]
        said = subprocess.run(stranger, capture_output=True, text=True, user=65534, group=65534, extra_groups=[])
        self.assertEqual(said.stdout, "refused PermissionError\n", said.stderr)
        # And where the file would let it in, the kernel's word for it does not.
        os.chmod(path, 0o666)
        said = subprocess.run(stranger, capture_output=True, text=True, user=65534, group=65534, extra_groups=[])
        self.assertEqual(said.stdout, "got b''\n", said.stderr)
        denied = until(lambda: [e for e in s.events("api.denied") if "gateway.sock" in e["message"]], lambda: s.events())
        self.assertEqual(len(denied), 2)
        self.assertEqual(self.reader(s).listed().news[0]["worker"], "a")

    def test_the_user_nova_edge_is_let_in_by_the_group_of_the_file_and_by_its_own_name(self):
        """issue 8, 3: SO_PEERCRED must be root or the user nova-edge"""
        s = self.prepare()
        edge = 64990
        places = {}
        for name, line in (("passwd", f"nova-edge:x:{edge}:{edge}::/nonexistent:/usr/sbin/nologin"), ("group", f"nova-edge:x:{edge}:")):
            places[name] = s.path(name)
            with open(places[name], "w") as f:
                f.write(read(f"/etc/{name}") + line + "\n")
            os.chmod(places[name], 0o644)
        # The user exists for this supervisor alone.
        binds = " && ".join(f"mount --bind {path} /etc/{name}" for name, path in places.items())
        s.wrap = ["/usr/bin/unshare", "-m", "/bin/sh", "-c", f'{binds} && exec "$@"', "sh"]
        s.configure({"a": apart(steady())})
        s.start()
        s.wait_up("a")
        path = os.path.join(s.runtime, "gateway.sock")
        self.assertEqual((os.stat(path).st_gid, os.stat(path).st_mode & 0o777), (edge, 0o660))
        code = """
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.settimeout(20)
s.connect(sys.argv[1])
data, numbers, _, _ = socket.recv_fds(s, 4096, 4)
print(data.decode().strip(), socket.socket(fileno=numbers[0]).getsockname())
"""
        said = subprocess.run([PYTHON, "-ISc", code, path], capture_output=True, text=True, user=edge, group=edge, extra_groups=[])
        self.assertIn('{"worker":"a","instance":1,"incarnation":', said.stdout, said.stderr)
        self.assertIn("('127.0.0.1', 7481)", said.stdout)

    def test_the_death_of_the_shim_ends_every_listener(self):
        """issue 8, 3"""
        s = self.run_with({"a": apart(py(DIALER, backoff=QUICK))})
        reader = self.reader(s)
        self.assertEqual(reader.answer("a"), "a 1")
        first = reader.listeners["a", 1][0]
        os.kill(s.shim(), signal.SIGKILL)
        reader.until(lambda: ("a", 1) in reader.listeners and reader.listeners["a", 1][0] != first)
        self.assertEqual(reader.answer("a"), "a 1")

    def test_a_check_of_a_confined_worker_is_no_way_to_the_hosts_network(self):
        """issue 8, 3: no other host is reachable"""
        s = self.prepare()
        workers = {}
        for network in ("host", "none", "gateway"):
            check = f"readlink /proc/self/ns/net > {s.path(network)}.new && mv {s.path(network)}.new {s.path(network)}"
            workers[network] = steady(
                health=[{"name": "look", "exec": ["/bin/sh", "-c", check], "period": "200ms", "timeout": "5s"}],
                security={"network": network})
        s.configure(workers)
        s.start()
        for network in workers:
            until(lambda: os.path.exists(s.path(network)), f"the check of {network} has run")
        seen = {network: read(s.path(network)).strip() for network in workers}
        own = os.readlink("/proc/self/ns/net")
        self.assertEqual(seen["host"], own)
        self.assertNotIn(own, (seen["none"], seen["gateway"]))

    def test_an_ordinary_user_reads_why_it_cannot_be(self):
        """issue 8, 3: failures are sentences"""
        s = self.prepare({"a": apart(steady(backoff=NEVER))}, uid=65534)
        s.start()
        s.wait_state("a", "backoff")
        told = s.ok("status", "a")
        self.assertIn("network: Operation not permitted", told)
        self.assertIn("CAP_SYS_ADMIN", told)


def programs(s):
    """Programs of its own, to be replaced."""
    place = os.path.join(s.base, "bin")
    os.mkdir(place)
    for name in ("nova-supervisor", "nova-shim", "novasup"):
        shutil.copy2(os.path.join(s.bin, name), place)
    s.bin = place


def install(s, shim):
    """Another nova-shim, as a package manager puts it there."""
    target = os.path.join(s.bin, "nova-shim")
    with open(target + ".new", "wb") as f:
        f.write(shim)
    os.chmod(target + ".new", 0o755)
    os.rename(target + ".new", target)
