"""The books of the model gateway with the real programs: keys, prices, calls told twice and across deaths of the
supervisor, and what is shown of them."""

import datetime
import hashlib
import json
import os
import subprocess
import tempfile
import threading
import unittest
from decimal import Decimal

from harness import NEVER, SystemTest, py, steady, until

GATEWAY = {
    "listen": "127.0.0.1:7481",
    "providers": {
        "anthropic": {"kind": "anthropic", "url": "https://api.anthropic.com", "key": "ANTHROPIC_API_KEY", "daily": "5"},
        "local": {"kind": "openai", "url": "http://127.0.0.1:9/v1", "key": "LOCAL_KEY"},
    },
}
TABLE = {
    "claude-sonnet-4-5": {"mode": "chat", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05},
    "claude-haiku-4-5": {"mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 5e-06},
    "typo": {"mode": "chat", "input_cost_per_token": 3, "output_cost_per_token": 15},
    "picture": {"mode": "image_generation", "output_cost_per_image": 0.04},
}
FREE = {"cpu_hour": "0", "memory_gib_hour": "0", "gpu_hour": "0"}
ASK = """
import http.client, json, socket, sys, time
class C(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX); self.sock.connect(self.host)
def ask(path, method, page, body):
    c = C(path); c.request(method, page, body or None, {"Host": "nova"})
    r = c.getresponse(); return r.status, r.read().decode()
"""
SHOW = "import time; time.sleep(1e6)"


def call(id, pico, worker="caller", reservation=None, **more):
    """A call as nova-edge tells it."""
    return {"id": id, "worker": worker, "provider": "anthropic", "model": "claude-sonnet-4-5",
            "at": "2026-01-02T03:04:05Z", "duration_milliseconds": 812, "status": 200, "outcome": "completed",
            "streamed": True, "input_tokens": 100, "output_tokens": 20, "cost_pico_usd": str(pico), "estimated": False,
            "reservation": reservation, **more}


class ModelCalls(SystemTest):
    def fleet(self, **keys):
        s = self.prepare({
            "caller": py(SHOW, gateway={"providers": ["anthropic", "local"], "models": ["claude-*"]}, **keys),
            "other": py(SHOW, environment={"OPENAI_API_KEY": "my own"}, gateway={"providers": ["local"]}),
            "none": steady(),
        }, {"gateway": GATEWAY, "prices": FREE})
        s.start()
        for name in ("caller", "other", "none"):
            s.wait_up(name)
        return s

    def environment(self, s, name):
        with open(f"/proc/{s.row(name)['pid']}/environ") as f:
            return dict(line.split("=", 1) for line in f.read().split("\0") if line)

    def tell(self, s, calls, close=()):
        status, body = s.api("POST", "/v1/gateway/calls", {"calls": calls, "close": list(close)})
        self.assertEqual(status, 200, body)
        return body["booked"], body["known"]

    def reserve(self, s, key, usd, worker="caller"):
        status, body = s.api("POST", "/v1/budgets/reserve", {
            "worker": worker, "key": key, "amount_usd": usd, "provider": "anthropic", "route": "claude-sonnet-4-5"})
        self.assertEqual(status, 200, body)
        return body["reservation"]

    def budget(self, s, scope, subject):
        rows = s.api("GET", "/v1/budgets")[1]["budgets"]
        return next(r for r in rows if (r["scope"], r["subject"], r["period"]) == (scope, subject, "day"))

    def entries(self, s):
        return s.sql("SELECT external_id, amount_micro FROM entry WHERE kind = 'llm' ORDER BY id")

    def test_keys_and_environment(self):
        """issue 8.1: each worker has a key of its own; nothing shows it"""
        s = self.fleet(budget={"daily": "1", "on_exceeded": "ask"})
        mine = self.environment(s, "caller")
        key = mine["ANTHROPIC_API_KEY"]
        self.assertRegex(key, r"^nova-caller-[0-9a-f]{32}$")
        self.assertEqual(mine["OPENAI_API_KEY"], key)
        self.assertEqual(mine["ANTHROPIC_BASE_URL"], "http://127.0.0.1:7481")
        self.assertEqual(mine["OPENAI_BASE_URL"], "http://127.0.0.1:7481/v1")
        other = self.environment(s, "other")
        self.assertEqual(other["OPENAI_API_KEY"], "my own")
        self.assertNotIn("ANTHROPIC_API_KEY", other)
        self.assertNotIn("OPENAI_BASE_URL", self.environment(s, "none"))
        plan = s.api("GET", "/v1/edge")[1]["gateway"]
        row = {r["worker"]: r for r in plan["workers"]}
        self.assertEqual(sorted(row), ["caller", "other"])
        self.assertEqual(row["caller"]["key_sha256"], hashlib.sha256(key.encode()).hexdigest())
        self.assertTrue(row["caller"]["asks"])
        self.assertEqual([p["name"] for p in plan["settings"]["providers"]], ["anthropic", "local"])
        # Whoever asks for somebody else does not ask as nova-edge.
        self.assertIsNone(s.api("GET", "/v1/edge", headers={"X-Nova-Role": "read"})[1]["gateway"])
        self.assertIsNone(s.api("GET", "/v1/edge", headers={"X-Nova-Role": "act"})[1]["gateway"])
        # Nothing shows a key: not a listing, not a log of ours, not the printed configuration, not the history.
        shown = [s.ok("status"), s.ok("status", "caller"), s.ok("ps", "-o", "json"), s.ok("check", s.config),
                 s.ok("events", "-o", "jsonl"), s.said(),
                 json.dumps(s.api("GET", "/v1/workers/caller")[1]), json.dumps(s.api("GET", "/v1/edge")[1])]
        for text in shown:
            self.assertNotIn(key, text)
            self.assertNotIn(key[-32:], text)
        self.assertEqual(os.stat(os.path.join(s.state, "gateway.secret")).st_mode & 0o777, 0o600)
        # A supervisor that comes back, and a worker that starts anew, have the same key.
        s.kill9()
        s.start()
        s.ok("restart", "caller")
        self.assertEqual(self.environment(s, "caller")["ANTHROPIC_API_KEY"], key)

    def test_prices_come_into_force(self):
        """issue 8.4: a new table is shown and then in force; what is absurd is named"""
        s = self.fleet()
        self.assertExit(s.cli("prices"), 1, "there are none yet", "novasup prices update FILE")
        self.assertEqual(s.api("GET", "/v1/gateway/prices")[0], 404)
        path = s.path("prices.json")
        with open(path, "w") as f:
            json.dump(TABLE, f)
        dry = s.cli("prices", "update", path, "--dry-run")
        self.assertExit(dry, 0, "2 models can be priced", "nothing was changed", "left out: typo: ")
        self.assertEqual(s.api("GET", "/v1/gateway/prices")[0], 404)
        self.assertIn("version 1 is in force", s.ok("prices", "update", path))
        self.assertIn("version 1 is in force", s.ok("prices", "update", path), "the same again is no new version")
        self.assertIn("version 1, in force since", s.ok("prices"))
        dearer = {**TABLE, "claude-haiku-4-5": {**TABLE["claude-haiku-4-5"], "output_cost_per_token": 1e-05}}
        dearer["claude-new"] = dearer.pop("picture") | {"mode": "chat", "input_cost_per_token": 1e-06}
        with open(path, "w") as f:
            json.dump(dearer, f)
        said = s.ok("prices", "update", path)
        self.assertIn("3 models can be priced: 1 new, 0 gone, 1 with other prices", said)
        self.assertIn("new: claude-new", said)
        self.assertRegex(said, r"claude-haiku-4-5 +output +\$5\.00/M +\$10\.00/M")
        status, body = s.api("GET", "/v1/gateway/prices")
        self.assertEqual((status, body["version"]), (200, 2))
        self.assertEqual(sorted(json.loads(body["table"])), ["claude-haiku-4-5", "claude-new", "claude-sonnet-4-5"])
        self.assertEqual([e["details"]["version"] for e in s.events("prices.updated")], ["1", "2"])
        self.assertEqual(s.api("GET", "/v1/edge")[1]["gateway"]["prices"], 2)
        # No table by which nothing can be priced.
        for bad in ("", "[]", "{}", json.dumps({"typo": TABLE["typo"]})):
            status, body = s.api("POST", "/v1/gateway/prices", {"table": bad})
            self.assertEqual((status, body["error"]["field"]), (400, "table"), body)
        s.kill9()
        s.start()
        self.assertEqual(s.api("GET", "/v1/gateway/prices")[1]["version"], 2)
        self.assertEqual(len(s.sql("SELECT number FROM model_prices")), 2, "old versions are kept")

    def test_a_table_of_the_published_size(self):
        """issue 8.4: the whole of the public table goes through, and no other page takes as much"""
        s = self.fleet()
        models = {f"provider/region-{n}/model-with-a-long-name-{n}": {
            "mode": "chat", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
            "cache_read_input_token_cost": 3e-07, "cache_creation_input_token_cost": 3.75e-06,
            "input_cost_per_token_batches": 1.5e-06, "max_input_tokens": 200000} for n in range(3500)}
        path = s.path("big.json")
        with open(path, "w") as f:
            json.dump(models, f)
        self.assertGreater(os.path.getsize(path), 900_000)
        self.assertIn("version 1 is in force", s.ok("prices", "update", path))
        self.assertIn("3500 models", s.ok("prices"))
        # Refused before a byte of it is read.
        self.assertEqual(s.api("POST", "/v1/gateway/prices", "", {"Content-Length": str((2 << 20) + 1)})[0], 413)
        self.assertEqual(s.api("POST", "/v1/gateway/calls", "", {"Content-Length": str((1 << 20) + 1)})[0], 413)
        self.assertEqual(s.api("POST", "/v1/reload", json.dumps({"dry_run": True}) + " " * 300_000)[0], 413)

    def test_calls_are_booked_once(self):
        """issue 8.2: what each call cost is in the books once, to half a micro-dollar, and drawn from its reservation"""
        s = self.fleet(budget={"daily": "1"})
        number = self.reserve(s, "k1", "0.50")
        calls = [call("c1", 54_399_000_000, reservation=number), call("c2", 400_000, reservation=number),
                 call("c3", 400_000), call("c4", 0, outcome="refused", status=402, reason="the budget is empty")]
        self.assertEqual(self.tell(s, calls), (4, 0))
        self.assertEqual(self.tell(s, calls + [call("c5", 400_000)]), (1, 4))
        self.assertEqual(self.entries(s), [("call-c1", -54399), ("call-c3", -1)])
        self.assertEqual(self.budget(s, "worker", "caller")["spent_usd"], "0.054400")
        # On a provider's limit nothing is set aside for computing.
        row = self.budget(s, "provider", "anthropic")
        self.assertEqual((row["spent_usd"], row["reserved_usd"]), ("0.054400", "0.445601"))
        self.assertEqual(self.budget(s, "provider", "anthropic")["limit_usd"], "5.000000")
        self.assertEqual(self.tell(s, [], [number]), (0, 0))
        self.assertEqual(self.tell(s, [], [number, 99999]), (0, 0), "what is over, or never was, is no trouble")
        row = self.budget(s, "provider", "anthropic")
        self.assertEqual((row["spent_usd"], row["reserved_usd"]), ("0.054400", "0.000000"))
        self.assertEqual(self.budget(s, "worker", "caller")["spent_usd"], "0.054400")
        # Only nova-edge says what calls cost; one that is not right refuses all of them.
        for headers in ({"X-Nova-Role": "act"}, {"X-Nova-Role": "read"}):
            status, body = s.api("POST", "/v1/gateway/calls", {"calls": [], "close": []}, headers=headers)
            self.assertEqual((status, body["error"]["code"]), (403, "denied"), body)
        status, body = s.api("POST", "/v1/gateway/calls", {
            "calls": [call("good", 1), call("bad", "1.5")], "close": []})
        self.assertEqual((status, body["error"]["field"]), (400, "calls"), body)
        self.assertEqual(self.tell(s, [call("good", 1)]), (1, 0))
        # Seen.
        rows = s.json("calls")
        self.assertEqual([r["id"] for r in rows], ["good", "c5", "c4", "c3", "c2", "c1"])
        self.assertEqual(rows[-1]["cost_pico_usd"], "54399000000")
        self.assertEqual([r["id"] for r in s.json("calls", "caller", "-n", "2", "--before", str(rows[2]["number"]))],
                         ["c3", "c2"])
        said = s.ok("calls", "--model", "claude-sonnet-4-5")
        self.assertIn("$0.054399", said)
        self.assertIn("refused", said)
        by = s.json("costs", "--by", "model", "--by", "provider")
        self.assertEqual([(r["model"], r["provider"], r["calls"], r["output_tokens"], r["cost_usd"]) for r in by["rows"]],
                         [("claude-sonnet-4-5", "anthropic", 6, 120, "0.054400")])
        self.assertRegex(s.ok("costs", "--by", "model"), r"claude-sonnet-4-5 +6 +600 +0 +0 +120 +0 +\$0\.0544")
        mine = next(r for r in s.json("costs")["rows"] if r["worker"] == "caller")
        self.assertEqual((mine["calls"], mine["input_tokens"]), (6, 600))
        self.assertExit(s.cli("status", "--by", "model"), 2, "models earn nothing")
        metrics = s.api("GET", "/metrics")[1]
        text = metrics if isinstance(metrics, str) else metrics.decode()
        self.assertIn('nova_gateway_calls_total{worker="caller",provider="anthropic",outcome="completed"} 5', text)
        self.assertIn('nova_gateway_tokens_total{worker="caller",provider="anthropic",kind="output"} 120', text)
        self.assertIn('nova_gateway_cost_usd_total{worker="caller",provider="anthropic"} 0.054400', text)
        s.kill9()
        s.start()
        self.assertIn('nova_gateway_calls_total{worker="caller",provider="anthropic",outcome="completed"} 5',
                      str(s.api("GET", "/metrics")[1]), "counters outlive the supervisor")
        s.ok("audit", "verify")

    def test_what_is_seen_of_them_at_once(self):
        """issue 8, line 7: tokens a minute and dollars of today, of the fleet and of a worker, also after a crash"""
        s = self.fleet()
        empty = s.api("GET", "/v1/status")[1]
        self.assertEqual((empty["model_cost_today_usd"], empty["model_tokens_per_minute"]), ("0.000000", 0))
        self.assertIsNone(s.detail("none")["models"], "it may call nobody")
        self.assertEqual((s.detail("other")["models"]["calls_today"], s.detail("other")["models"]["providers"]), (0, []))
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        today = [call(f"t{n}", 2_500_000_000, at=now, cache_read_tokens=30, cache_write_tokens=None, reasoning_tokens=5)
                 for n in range(3)]
        refused = call("no", 0, at=now, outcome="refused", status=402, provider="local", input_tokens=None, output_tokens=None)
        self.tell(s, today + [refused, call("old", 9_000_000_000)])

        def seen(minute):
            status, models = s.api("GET", "/v1/status")[1], s.detail("caller")["models"]
            self.assertEqual((status["model_cost_today_usd"], status["model_tokens_per_minute"]), ("0.007500", minute))
            self.assertEqual((models["calls_today"], models["tokens_today"], models["cost_today_usd"], models["tokens_per_minute"]),
                             (4, 450, "0.007500", minute))
            self.assertEqual([(row["provider"], row["calls_today"], row["tokens_today"]) for row in models["providers"]],
                             [("anthropic", 3, 450), ("local", 1, 0)])
            self.assertIn(f"$0.007500 of it, {minute} tokens a minute", s.ok("status"))
            self.assertIn(f"4 calls today, 450 tokens, $0.007500; {minute} tokens a minute", s.ok("status", "caller"))
        # Over now is what was asked long ago, too: it counts in the minute and on its own day.
        seen(450 + 120)
        rows = s.api("GET", "/v1/costs?by=model&since=" + now[:10] + "T00:00:00Z")[1]["rows"]
        self.assertEqual([(row["calls"], row["llm_usd" if "llm_usd" in row else "cost_usd"]) for row in rows], [(4, "0.007500")])
        s.kill9()
        s.start()
        seen(450)

    def test_killed_between_two_reports(self):
        """issue 8.2, 8.9: kill -9 between two reports of the same calls; nothing is lost and nothing doubled"""
        s = self.fleet(budget={"daily": "1"})
        exact, told = 0, []
        for round in range(4):
            number = self.reserve(s, f"round-{round}", "0.10")
            calls = [call(f"r{round}-{n}", 1_234_567 * (n + 1) + round, reservation=number) for n in range(20)]
            exact += sum(int(c["cost_pico_usd"]) for c in calls)
            answers = []

            def tell():
                try:
                    answers.append(s.api("POST", "/v1/gateway/calls", {"calls": calls, "close": []}))
                except OSError:
                    answers.append(None)

            teller = threading.Thread(target=tell)
            teller.start()
            if round % 2:
                # In the middle of it, wherever that is.
                teller.join(0.001 * round)
            else:
                teller.join()
                self.assertEqual(answers[0][0], 200)
            s.kill9()
            teller.join()
            s.start()
            told += calls
            booked, known = self.tell(s, told, [number])
            self.assertEqual(booked + known, len(told))
            if round % 2 == 0:
                self.assertEqual(booked, 0, "answered is on the disk")
            booked_micro = -sum(amount for _, amount in self.entries(s))
            self.assertLessEqual(abs(exact - booked_micro * 1_000_000), 500_000)
            for scope, subject in (("worker", "caller"), ("provider", "anthropic")):
                row = self.budget(s, scope, subject)
                # What is set aside for computing that costs nothing is a micro-dollar.
                self.assertLessEqual(Decimal(row["reserved_usd"]), Decimal("0.000001") * (scope == "worker"), row)
                self.assertEqual(Decimal(row["spent_usd"]) * 1_000_000, booked_micro, row)
                self.assertEqual(Decimal(row["unreconciled_usd"]), 0, row)
        self.assertEqual(s.sql("SELECT count(*), count(DISTINCT id) FROM model_call"), [(80, 80)])
        self.assertEqual(s.sql("SELECT sum(amount_micro) FROM model_call"), [(booked_micro,)])
        self.assertEqual(s.sql("SELECT calls, amount_micro FROM model_call_total"), [(80, booked_micro)])
        s.ok("audit", "verify")

    def test_nova_edge_by_its_own_uid(self):
        """nova-edge's user reserves for any worker and tells of calls; nobody else does, not even a worker that is root"""
        if os.getuid() != 0:
            self.skipTest("needs root")
        # A name service that knows the user, for the supervisor alone.
        edge, place = 61_234, tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        with open("/etc/passwd") as f, open(place.name + "/passwd", "w") as g:
            g.write("".join(line for line in f if not line.startswith("nova-edge:"))
                    + f"nova-edge:x:{edge}:{edge}::/nonexistent:/usr/sbin/nologin\n")
        s = self.prepare({
            "caller": steady(gateway={"providers": ["anthropic"]}, budget={"daily": "1"}),
            "other": steady(gateway={"providers": ["local"]}),
        }, {"gateway": GATEWAY, "prices": FREE},
            wrap=["unshare", "-m", "/bin/sh", "-c", f'mount --bind {place.name}/passwd /etc/passwd && exec "$@"', "sh"])
        thief = py(ASK + "\nwith open(%r, 'w') as f: print(*ask(%r, 'POST', '/v1/gateway/calls', '{\"calls\":[],\"close\":[]}'), file=f)\n"
                   "time.sleep(1e6)" % (s.path("thief"), s.socket))
        s.configure({**s.workers, "thief": {**thief, "user": "root"}})
        s.start()

        def ask(uid, method, path, body=None):
            done = subprocess.run(
                ["/usr/bin/python3", "-I", "-c", ASK + "\nprint(*ask(*sys.argv[1:]), sep='\\n')", s.socket, method, path,
                 json.dumps(body) if body else ""], capture_output=True, text=True, user=uid, group=uid)
            status, _, rest = done.stdout.partition("\n")
            self.assertTrue(status, done.stderr)
            return int(status), json.loads(rest)

        for worker in ("caller", "other"):
            status, made = ask(edge, "POST", "/v1/budgets/reserve", {
                "worker": worker, "key": "k", "amount_usd": "0.5", "provider": "anthropic", "route": "m"})
            self.assertEqual(status, 200, made)
            number = made["reservation"]
            status, body = ask(edge, "POST", "/v1/budgets/settle", {
                "reservation": number, "spent_usd": "0", "final": False})
            self.assertEqual((status, body["state"]), (200, "open"), "a lease is prolonged")
            status, body = ask(edge, "POST", "/v1/gateway/calls", {
                "calls": [call("e-" + worker, 2_000_000, worker, number)], "close": [number]})
            self.assertEqual((status, body), (200, {"booked": 1, "known": 0}))
        self.assertEqual(self.budget(s, "provider", "anthropic")["spent_usd"], "0.000004")
        status, made = ask(edge, "POST", "/v1/budgets/reserve", {"worker": "caller", "key": "l", "amount_usd": "0.1"})
        self.assertEqual(ask(edge, "POST", "/v1/budgets/release", {"reservation": made["reservation"]})[0], 200)
        self.assertEqual([w["worker"] for w in ask(edge, "GET", "/v1/edge")[1]["gateway"]["workers"]], ["caller", "other"])
        # It may not set what others set.
        self.assertEqual(ask(edge, "POST", "/v1/budgets", {"worker": "caller", "daily_usd": "9"})[0], 403)
        self.assertEqual(ask(edge, "POST", "/v1/gateway/prices", {"table": json.dumps(TABLE)})[0], 403)
        self.assertEqual(ask(65534, "POST", "/v1/gateway/calls", {"calls": [], "close": []})[0], 403)
        until(lambda: os.path.exists(s.path("thief")) and os.path.getsize(s.path("thief")), "the worker has asked")
        with open(s.path("thief")) as f:
            self.assertEqual(f.read().split()[0], "403")

    def test_a_secret_that_cannot_be_used(self):
        """a damaged secret stops no alerts and no other worker: the one that needs a key says why it does not start"""
        s = self.prepare({
            "caller": steady(gateway={"providers": ["anthropic"]}, backoff=NEVER), "none": steady(),
        }, {"gateway": GATEWAY, "edge": {"listen": "127.0.0.1:1"}})
        with open(os.path.join(s.state, "gateway.secret"), "w") as f:
            f.write("short")
        s.start()
        s.wait_up("none")
        until(lambda: "gateway.secret" in (s.row("caller")["why"] or ""), lambda: s.row("caller"))
        status, body = s.api("GET", "/v1/edge")
        self.assertEqual((status, body["listen"], body["gateway"]), (200, "127.0.0.1:1", None))
        self.assertIn("gateway.secret", s.said())


if __name__ == "__main__":
    unittest.main()
