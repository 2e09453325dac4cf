"""What is done to the supervisor in a round, and what was asked of it: the state that should come out of it.

The seed decides what is done and for how long in between; the machine decides what it hits. Must never judge: that is
`judge.py`'s."""

import json
import os
import random
import signal
import socket
import time

import harness
from fleet import FLEET

FILL = "ballast"


class Wish:
    """What was last asked of a worker. `sure`: it was answered, and the disk could take it, so it must hold."""

    def __init__(self, count):
        self.wanted, self.paused, self.count, self.sure = True, False, count, True


class Storm:
    def __init__(self, supervisor, seed):
        self.s = supervisor
        self.random = random.Random(seed)
        self.wishes = {name: Wish(spec.get("instances", 1)) for name, (_, spec) in FLEET.items()}
        self.counts = {"brain kills": 0, "hand-overs": 0, "worker kills": 0, "orders": 0, "orders refused": 0,
                       "bad requests": 0, "reloads": 0, "disk fills": 0, "stops of the brain": 0}
        self.full = False
        # It was told to hand over and has not gone yet.
        self.leaving = False
        self.version = 0
        self.log = []

    def note(self, text):
        self.log.append(f"{time.monotonic():.3f} {text}")
        del self.log[:-60]

    # A round

    def round(self):
        """A handful of blows with random pauses."""
        blows = [(self.kill_brain, 5), (self.hand_over, 1), (self.stop_brain, 1), (self.kill_worker, 6), (self.order, 10),
                 (self.fire_and_kill, 3), (self.bad_request, 2), (self.reload, 1), (self.fill, 1), (self.free, 2)]
        for _ in range(self.random.randint(2, 6)):
            blow = self.random.choices([b for b, _ in blows], [weight for _, weight in blows])[0]
            blow()
            time.sleep(self.random.choice([0, 0, 0.001, 0.005, 0.02, 0.08]) * self.random.random())
            self.keep_running()

    def keep_running(self):
        """The service manager's part; sometimes it takes its time."""
        if self.s.process.poll() is not None and self.random.random() < 0.7:
            self.leaving = False
            self.s.launch()

    def calm(self):
        """Frees the disk, lets the supervisor come up and says again what is not certain to have been heard."""
        self.free()
        if self.leaving and self.s.process.poll() is None:
            self.s.process.wait(harness.PATIENCE)
        self.leaving = False

        def up():
            if self.s.process.poll() is not None:
                self.note(f"start again: {self.s.said().strip()[-200:]}")
                self.s.launch()
            try:
                status, body = self.s.api("GET", "/v1/status", timeout=5)
                return status == 200 and body["phase"] == "running" and body["ledger"] == "ok"
            except (OSError, ValueError):
                return False

        harness.until(up, lambda: f"the supervisor is well again: {self.s.said()}")
        # What `stop base` took down with it comes back with it; a pause or a count of 0 of it holds the others up.
        base = self.wishes["base"]
        base.wanted, base.paused, base.count = True, False, max(1, base.count)
        for name in ["base"] + [name for name in FLEET if name.startswith("leaning")]:
            self.wishes[name].sure = False
            self.wishes[name].wanted = True
        for name, wish in self.wishes.items():
            if not wish.sure:
                self.insist({"action": "scale", "targets": [name], "count": wish.count})
                self.insist({"action": "pause" if wish.paused else "resume", "targets": [name]})
                self.insist({"action": "start" if wish.wanted else "stop", "targets": [name]})
                wish.sure = True

    def insist(self, order):
        status, body = self.s.api("POST", "/v1/actions", {**order, "wait": False})
        if status != 200:
            raise AssertionError(f"{order}: {status} {body}")

    # Blows

    def kill_brain(self):
        if self.s.process.poll() is None:
            self.note("kill -9 of the supervisor")
            self.counts["brain kills"] += 1
            self.s.kill9()

    def hand_over(self):
        if self.s.process.poll() is None:
            self.note("SIGUSR2 to the supervisor")
            self.counts["hand-overs"] += 1
            self.leaving = True
            self.s.process.send_signal(signal.SIGUSR2)

    def stop_brain(self):
        if self.s.process.poll() is None:
            self.note("the supervisor stands still for a while")
            self.counts["stops of the brain"] += 1
            self.s.process.send_signal(signal.SIGSTOP)
            self.kill_worker()
            time.sleep(self.random.random() * 0.2)
            self.s.process.send_signal(signal.SIGCONT)

    def kill_worker(self):
        """Some processes of some groups, as the kernel lists them."""
        for root in self.s.roots:
            groups = sorted(name for name in os.listdir(root) if name.startswith("w-")) if os.path.isdir(root) else []
            for name in self.random.sample(groups, min(len(groups), self.random.choice([1, 1, 2, 10]))):
                pids = harness.members(os.path.join(root, name))
                for pid in self.random.sample(pids, min(len(pids), self.random.choice([1, 1, 99]))):
                    number = self.random.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGHUP])
                    self.note(f"signal {number} to {pid} of {name}")
                    self.counts["worker kills"] += 1
                    harness.quietly(os.kill, pid, number)

    def make_order(self):
        """An order and the wish it stands for."""
        name = self.random.choice(sorted(FLEET))
        kind, spec = FLEET[name]
        action = self.random.choice(["start", "stop", "restart", "kill", "pause", "resume", "scale", "reset", "start", "stop"])
        order = {"action": action, "targets": [name], "wait": False}
        wish = self.wishes[name]
        if action == "scale":
            order["count"] = self.random.randint(0, 3) if kind == "stays" else 1
        elif action == "kill" and self.random.random() < 0.5:
            order["signal"] = self.random.choice(["TERM", "KILL", "HUP"])
        elif action == "restart" and self.random.random() < 0.3:
            order["rolling"] = True

        def change():
            wish.wanted = {"start": True, "restart": True, "stop": False}.get(action, wish.wanted)
            wish.paused = {"pause": True, "resume": False}.get(action, wish.paused)
            wish.count = order.get("count", wish.count)
            # What an order does to those that lean on `base` is another test's question.
            wish.sure = wish.sure and not self.full

        return name, order, change

    def order(self):
        name, order, change = self.make_order()
        self.counts["orders"] += 1
        try:
            status, body = self.s.api("POST", "/v1/actions", order, timeout=10)
        except (OSError, ValueError) as problem:
            self.note(f"{order}: no answer, {problem!r}")
            change()
            self.wishes[name].sure = False
            return
        self.note(f"{order}: {status}")
        if status == 200:
            change()
        elif status in (409, 412, 503):
            self.counts["orders refused"] += 1
        else:
            raise AssertionError(f"{order}: {status} {body}")

    def fire_and_kill(self):
        """An order whose answer nobody waits for, and the end of whoever might have answered."""
        name, order, change = self.make_order()
        body = json.dumps(order).encode()
        self.note(f"{order}: fired")
        self.counts["orders"] += 1
        change()
        self.wishes[name].sure = False
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(self.s.socket)
                connection.sendall(b"POST /v1/actions HTTP/1.1\r\nHost: nova\r\nContent-Type: application/json\r\n"
                                   b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
                time.sleep(self.random.random() * 0.01)
                self.kill_brain()
        except OSError:
            pass

    def bad_request(self):
        """Nothing of it may be done, and it must be told apart from trouble of ours."""
        bodies = [b"", b"{", b"\xff\xfe", b"[]", b'{"action":"stop"}', b'{"targets":["nobody"],"action":"stop"}',
                  b'{"targets":["*"],"action":"explode"}', b'{"targets":["steady-0","nobody"],"action":"stop"}',
                  b'{"targets":["steady-1"],"action":"scale","count":99}', b'{"targets":' + b"[" * 5000,
                  bytes(self.random.randrange(256) for _ in range(200))]
        body = self.random.choice(bodies)
        try:
            status, answer = self.s.api("POST", "/v1/actions", body, timeout=10)
        except (OSError, ValueError):
            return
        self.counts["bad requests"] += 1
        if not (400 <= status < 500 or status == 503):
            raise AssertionError(f"{body!r}: {status} {answer}")

    def reload(self):
        """Another environment for one worker: it alone is restarted."""
        self.version += 1
        name = self.random.choice(["steady-0", "many-0", "tree-0", "talker-0"])
        workers = {key: dict(spec) for key, (_, spec) in FLEET.items()}
        workers[name]["environment"] = {"VERSION": str(self.version)}
        self.s.configure(workers)
        self.counts["reloads"] += 1
        try:
            status, _ = self.s.api("POST", "/v1/reload", {}, timeout=10)
            self.note(f"reload with another {name}: {status}")
        except (OSError, ValueError) as problem:
            self.note(f"reload: {problem!r}")

    def fill(self):
        """Not a byte is left on the state directory's file system."""
        self.counts["disk fills"] += 1
        self.full = True
        self.note("the disk is full")
        descriptor = os.open(os.path.join(self.s.state, FILL), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            room = os.statvfs(self.s.state)
            harness.quietly(os.posix_fallocate, descriptor, 0, room.f_bavail * room.f_bsize)
            while harness.quietly(os.write, descriptor, b"x" * 4096):
                pass
        finally:
            os.close(descriptor)

    def free(self):
        path = os.path.join(self.s.state, FILL)
        if os.path.exists(path):
            self.note("the disk has room again")
            os.unlink(path)
        self.full = False
