"""The libraries for workers, in Python and in Swift, under the real supervisor: runs at their interval, heartbeat,
status, graceful stop, rest after failures, and reports that survive a supervisor that is killed."""

import http.server
import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import unittest

from harness import PYTHON, TOP, SystemTest, argv, binaries, lines, until

LIBRARY = os.path.join(TOP, "Sources", "nova_worker")

PRELUDE = f"""
import os, sys, time
sys.path.insert(0, {LIBRARY!r})
import nova_worker
"""


def python_worker(code, **keys):
    """A worker written with nova_worker.py."""
    return argv(PYTHON, "-I", "-S", "-c", PRELUDE + code, **keys)


def has_money(s):
    """Whether this supervisor books reported money."""
    return bool(s.sql("SELECT 1 FROM sqlite_schema WHERE name = 'run'"))


class PythonLibrary(SystemTest):
    def test_runs_status_and_graceful_stop(self):
        s = self.prepare()
        code = f"""
class W(nova_worker.Worker):
    interval = 0.2
    def set_up(self): self.runs = 0
    def run(self):
        self.runs += 1
        self.status(f"run {{self.runs}}")
        open({s.path('runs')!r}, 'a').write(f"{{time.monotonic()}}\\n")
        return nova_worker.Result(ok=True)
    def tear_down(self): open({s.path('down')!r}, 'w').write(f"after {{self.runs}}")
nova_worker.main(W())
"""
        s.configure({"w": python_worker(code, ready="notify", start_timeout="60s", watchdog="20s", stop_timeout="60s")})
        s.start()
        s.wait_state("w", "ready")
        until(lambda: len(lines(s.path("runs"))) >= 5, "it runs again and again")
        times = [float(line) for line in lines(s.path("runs"))[:5]]
        self.assertGreaterEqual(times[4] - times[0], 4 * 0.2 - 0.05, "not faster than its interval")
        until(lambda: "run " in (s.row("w")["status_text"] or ""), "its status is shown")
        status, health = s.api("GET", "/v1/health")
        age = health["instances"][0]["heartbeat_age_seconds"]
        self.assertIsNotNone(age)
        s.ok("stop", "w")
        row = s.row("w")
        self.assertEqual(row["last_exit"]["code"], 0, row)
        with open(s.path("down")) as f:
            self.assertTrue(f.read().startswith("after "))

    def test_a_run_that_hangs_is_restarted(self):
        s = self.prepare()
        code = f"""
class W(nova_worker.Worker):
    run_timeout = 1.0
    def run(self):
        open({s.path('runs')!r}, 'a').write("x\\n")
        if len(open({s.path('runs')!r}).readlines()) == 1: time.sleep(10000)
nova_worker.main(W())
"""
        s.configure({"w": python_worker(code, watchdog="4s", stop_timeout="1s",
                                        backoff={"delay": "100ms", "factor": 1, "max": "100ms", "jitter": "0%"})})
        s.start()
        until(lambda: len(lines(s.path("runs"))) >= 2, "the heartbeat stopped and it was restarted")
        self.assertEqual(s.row("w")["restarts_total"], 1)

    def test_failures_are_followed_by_a_cooldown(self):
        s = self.prepare()
        code = f"""
class W(nova_worker.Worker):
    interval, max_failures, cooldown = 0.05, 3, 1000
    def run(self):
        open({s.path('runs')!r}, 'a').write("x\\n")
        raise RuntimeError("nobody answered")
nova_worker.main(W())
"""
        s.configure({"w": python_worker(code, stop_timeout="60s")})
        s.start()
        until(lambda: "cooling down" in (s.row("w")["status_text"] or ""), "it rests")
        self.assertEqual(len(lines(s.path("runs"))), 3)
        self.assertIn("nobody answered", s.ok("logs", "w", "-n", "200"))
        pid = s.row("w")["pid"]
        s.ok("stop", "w")
        self.assertEqual(s.row("w")["last_exit"]["code"], 0, f"the rest ends at once when it is told to stop ({pid})")

    def test_what_fails_before_the_first_run_is_a_crash(self):
        s = self.run_with({"w": python_worker("""
class W(nova_worker.Worker):
    def set_up(self): raise RuntimeError("no key")
nova_worker.main(W())
""", max_crashes=1, max_cooldowns=0)})
        s.wait_state("w", "failed")
        self.assertEqual(s.row("w")["last_exit"]["code"], 1)

    def test_money_is_booked_once_while_the_supervisor_dies(self):
        s = self.prepare()
        code = f"""
class W(nova_worker.Worker):
    interval = 0.1
    def set_up(self): self.runs = 0
    def run(self):
        self.runs += 1
        if self.runs > 20:
            open({s.path('done')!r}, 'w').close()
            return nova_worker.Result()
        return nova_worker.Result(revenue="0.50", cost="0.05", source="test")
nova_worker.main(W())
"""
        s.configure({"w": python_worker(code, stop_timeout="60s")})
        s.start()
        if not has_money(s):
            self.skipTest("this supervisor does not book reported money yet")
        for _ in range(3):
            count = s.sql("SELECT count(*) FROM run")[0][0]
            until(lambda: s.sql("SELECT count(*) FROM run")[0][0] >= count + 2, "runs are booked")
            s.kill9()
            s.start()
        until(lambda: os.path.exists(s.path("done")), "all runs were done")
        until(lambda: s.sql("SELECT count(*) FROM run WHERE reported_cost_micro > 0")[0][0] == 20, "and booked, once each")
        self.assertEqual(
            s.sql("SELECT sum(amount_micro) FROM entry WHERE kind = 'sale' AND worker = 'w'")[0][0], 20 * 500_000)
        self.assertEqual(
            s.sql("SELECT sum(amount_micro) FROM entry WHERE kind = 'reported' AND worker = 'w'")[0][0], -20 * 50_000)

    def test_reserving(self):
        s = self.prepare()
        code = f"""
class W(nova_worker.Worker):
    interval = 1000
    def run(self):
        said = []
        with nova_worker.reserve("0.30", provider="test") as money:
            said.append(str(money.amount)); money.spent("0.10")
        try:
            with nova_worker.reserve("0.30"): raise KeyError("changed my mind")
        except KeyError: said.append("released")
        try:
            with nova_worker.reserve("100"): pass
        except nova_worker.BudgetExhausted as error: said.append(error.code)
        open({s.path('said')!r}, 'w').write(" ".join(said))
nova_worker.main(W())
"""
        s.configure({"w": python_worker(code, budget={"daily": "2"}, stop_timeout="60s")})
        s.start()
        until(lambda: lines(s.path("said")), "it has reserved")
        self.assertEqual(lines(s.path("said")), ["0.300000 released budget_exhausted"])
        rows = s.sql("SELECT state, drawn_micro FROM budget_reservation ORDER BY id")
        self.assertEqual(rows, [("settled", 100_000), ("released", 0)])


class Answering(http.server.BaseHTTPRequestHandler):
    """A supervisor that answers as it is told."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append((self.path, body))
        status, answer = self.server.script.pop(0)
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass

    def address_string(self):
        return "worker"


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class PythonModule(unittest.TestCase):
    """The module by itself: amounts, and what is repeated and what is not."""

    @classmethod
    def setUpClass(cls):
        sys.path.insert(0, LIBRARY)
        import nova_worker
        cls.module = nova_worker

    @classmethod
    def tearDownClass(cls):
        sys.path.remove(LIBRARY)

    def server(self, script):
        import tempfile
        directory = tempfile.mkdtemp(prefix="nvw", dir="/tmp")
        path = os.path.join(directory, "s.sock")
        server = UnixServer(path, Answering)
        server.script, server.bodies = list(script), []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        before = os.environ.get("NOVA_SOCKET")
        os.environ["NOVA_SOCKET"] = path

        def restore():
            server.shutdown()
            server.server_close()
            os.unlink(path)
            os.rmdir(directory)
            os.environ.pop("NOVA_SOCKET")
            if before is not None:
                os.environ["NOVA_SOCKET"] = before

        self.addCleanup(restore)
        return server

    def test_amounts(self):
        from decimal import Decimal
        usd = self.module.usd
        self.assertEqual(usd("0.05"), "0.05")
        self.assertEqual(usd(12), "12")
        self.assertEqual(usd(Decimal("1E-6")), "0.000001")
        for bad in ("", "-1", "1.", ".5", "1e3", "0.0000001", "1234567890123", "NaN", "1,5", "1\n"):
            with self.assertRaises(ValueError, msg=bad):
                usd(bad)
        for bad in (0.1, None, True, [1]):
            with self.assertRaises(TypeError, msg=repr(bad)):
                usd(bad)

    def test_the_same_run_id_until_it_is_answered(self):
        busy = {"error": {"code": "unavailable", "message": "starting"}}
        server = self.server([(503, busy), (500, busy), (200, {"instance": "w@1"})])
        self.module.report(self.module.Result(cost="0.05"), "run-1")
        self.assertEqual([body["run_id"] for _, body in server.bodies], ["run-1"] * 3)
        self.assertEqual(server.bodies[0][1], {"run_id": "run-1", "ok": True, "cost_usd": "0.05"})

    def test_a_refusal_is_not_repeated(self):
        server = self.server([(400, {"error": {"code": "bad_request", "message": "no"}})])
        with self.assertRaises(self.module.Refused) as caught:
            self.module.report(self.module.Result(), "run-1")
        self.assertEqual((caught.exception.code, str(caught.exception)), ("bad_request", "no"))
        self.assertEqual(len(server.bodies), 1)

    def test_patience_has_an_end(self):
        os.environ["NOVA_SOCKET"] = "/nonexistent/s.sock"
        self.addCleanup(os.environ.pop, "NOVA_SOCKET")
        with self.assertRaises(self.module.Unreachable):
            self.module.report(self.module.Result(), "run-1", patience=0.3)

    def test_nobody_listens(self):
        before = os.environ.pop("NOTIFY_SOCKET", None)
        self.assertFalse(self.module.notify("READY=1"))
        if before is not None:
            os.environ["NOTIFY_SOCKET"] = before

    def test_datagrams(self):
        import tempfile
        with tempfile.TemporaryDirectory(dir="/tmp") as directory:
            path = os.path.join(directory, "n")
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
                inbox.bind(path)
                os.environ["NOTIFY_SOCKET"] = path
                self.addCleanup(os.environ.pop, "NOTIFY_SOCKET")
                self.assertTrue(self.module.notify("READY=1", "STATUS=two\nlines"))
                self.assertEqual(inbox.recv(1000), b"READY=1\nSTATUS=two lines")

    def test_python_versions(self):
        """The file is read by every Python from 3.9 on, as it promises."""
        import ast
        with open(os.path.join(LIBRARY, "nova_worker.py")) as f:
            ast.parse(f.read(), feature_version=(3, 9))

    def test_types(self):
        import shutil
        program = shutil.which("mypy")
        if program is None:
            self.skipTest("mypy is not installed")
        done = subprocess.run(
            [program, "--strict", "--cache-dir=/dev/null", os.path.join(LIBRARY, "nova_worker.py")],
            capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class RawProtocol(SystemTest):
    """docs/how-to/write-a-worker.md promises that any language needs ten lines of shell."""

    def test_the_lines_of_the_page_are_a_worker(self):
        """issue 4.4: documented for any language with the raw protocol in ten lines of shell"""
        with open(os.path.join(TOP, "docs/how-to/write-a-worker.md")) as f:
            script = f.read().split("## Any other language")[1].split("```sh\n")[1].split("```")[0]
        code = [line for line in script.splitlines() if not line.startswith("#")]
        self.assertLessEqual(len(code), 10, script)
        s = self.prepare()
        work = os.path.join(s.base, "work")
        os.makedirs(work)
        with open(os.path.join(work, "do-the-work"), "w") as f:
            f.write("#!/bin/sh\nexec sleep 0.2\n")
        os.chmod(os.path.join(work, "do-the-work"), 0o755)
        s.configure({"raw": argv("/bin/sh", "-c", script, ready="notify", watchdog="30s", budget={"daily": "100"},
                                 environment={"PATH": f"{work}:{s.bin}:/usr/bin:/bin"})})
        s.start()
        s.wait_state("raw", "ready")
        until(lambda: s.sql("SELECT ok FROM run_total WHERE worker = 'raw' AND ok >= 3"), lambda: s.ok("logs", "raw"))
        # A supervisor that dies in between costs the loop its heartbeat at most; it comes back and goes on.
        s.kill9()
        s.start()
        before = s.sql("SELECT ok FROM run_total WHERE worker = 'raw'")[0][0]
        until(lambda: s.sql("SELECT ok FROM run_total WHERE worker = 'raw'")[0][0] >= before + 2, lambda: s.ok("logs", "raw"))
        s.ok("stop", "raw")
        runs = s.sql("SELECT count(*), count(DISTINCT run), min(reported_revenue_micro) FROM run WHERE worker = 'raw'")[0]
        self.assertEqual((runs[0] - runs[1], runs[2]), (0, 10_000_000))
        spent = s.sql("SELECT DISTINCT amount_micro FROM entry WHERE worker = 'raw' AND kind = 'api_call'")
        self.assertEqual(spent, [(-120_000,)])


class SwiftLibrary(SystemTest):
    def setUp(self):
        super().setUp()
        self.program = os.path.join(binaries() or "", "nova-example-worker")
        if not os.access(self.program, os.X_OK):
            self.skipTest("nova-example-worker is not built")

    def test_the_example(self):
        s = self.run_with({
            "vendor": argv(self.program, ready="notify", watchdog="20s", start_timeout="60s", stop_timeout="60s")})
        s.wait_state("vendor", "ready")
        until(lambda: (s.row("vendor")["status_text"] or "").endswith("runs done") or not has_money(s), "it says how it is")
        pid = s.row("vendor")["pid"]
        s.kill9()
        s.start()
        if has_money(s):
            until(lambda: s.sql("SELECT count(*) FROM run WHERE worker = 'vendor'")[0][0] >= 2, "its runs are booked")
            costs = {row[0] for row in s.sql("SELECT amount_micro FROM entry WHERE kind = 'reported' AND worker = 'vendor'")}
            self.assertEqual(costs, {-50_000})
        self.assertEqual(s.wait_up("vendor")["pid"], pid, "it outlived the supervisor")
        s.ok("stop", "vendor")
        self.assertEqual(s.row("vendor")["last_exit"]["code"], 0)

    def test_without_a_supervisor(self):
        done = subprocess.Popen([self.program], env={"PATH": "/usr/bin:/bin"}, stderr=subprocess.PIPE, text=True)
        self.addCleanup(done.stderr.close)
        self.addCleanup(done.kill)
        self.assertIn("no supervisor here", done.stderr.readline())
        done.send_signal(signal.SIGTERM)
        self.assertEqual(done.wait(60), 0, "it ends in its pause as well")
