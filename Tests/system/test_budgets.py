"""Budgets with real workers: an empty one pauses, stops or asks; the next day lets it go on; money that is set aside
survives any death of the supervisor, and no limit is overshot."""

import json
import os
import struct
import threading
import time
from decimal import Decimal

from harness import NEVER, PATIENCE, SystemTest, argv, py, sh, steady, until

# A hundred times the usual price: a busy processor costs $0.000878 a second.
DEAR = {"cpu_hour": "3.1611", "memory_gib_hour": "0.004237"}
BUSY = "while :; do :; done"
# A budget is empty when less is left than two seconds of the whole host.
LEAST = 2 / 3600 * (os.cpu_count() * 3.1611 + os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30 * 0.004237)


def dollars(cpu_seconds):
    """A budget that so much processor time empties."""
    return f"{LEAST + cpu_seconds * 3.1611 / 3600:.6f}"



def settings(**keys):
    return {"prices": DEAR, "accounting": {"booking_interval": "10s"}, **keys}


def zone_with_midnight_in(seconds):
    """A TZif file whose midnight comes so soon, on the same date as in UTC."""
    offset = 86_400 - seconds - int(time.time()) % 86_400
    assert offset >= 0, "UTC's own midnight is too near"

    def block():
        return (b"TZif2" + bytes(15) + struct.pack(">6I", 0, 0, 0, 0, 1, 4)
                + struct.pack(">iBB", offset, 0, 0) + b"TST\0")

    return block() + block() + b"\n\n"


class Budgets(SystemTest):
    def budgets(self, s):
        status, body = s.api("GET", "/v1/budgets")
        self.assertEqual(status, 200, body)
        return body

    def budget(self, s, subject=None, period="day"):
        for row in self.budgets(s)["budgets"]:
            if row["subject"] == subject and row["period"] == period:
                return row
        self.fail(f"no budget of {subject} for {period}: {self.budgets(s)}")

    def assertKept(self, s, subject):
        row = self.budget(s, subject)
        self.assertLessEqual(Decimal(row["spent_usd"]), Decimal(row["limit_usd"]), row)
        self.assertEqual(Decimal(row["overrun_usd"]), 0, row)

    def test_pause_and_a_higher_limit(self):
        s = self.run_with({"miner": sh(BUSY, budget={"daily": dollars(2)})}, settings())
        row = s.wait_state("miner", "paused")
        self.assertEqual(row["reason"], "budget")
        self.assertKept(s, "miner")
        types = [(e["type"], e["details"].get("percent")) for e in s.events("budget", "miner")]
        self.assertIn(("budget.exhausted", "100"), types)
        until(lambda: self.budget(s, "miner")["level"] == "exhausted", "the page says so")
        self.assertEqual([h["worker"] for h in self.budgets(s)["held"]], ["miner"])
        # Who is held cannot be talked into going on.
        self.assertExit(s.cli("resume", "miner"), 7, "budget", "novasup budget set miner --daily")
        self.assertEqual(s.state_of("miner"), "paused")
        def booked():
            return Decimal(s.sql("SELECT sum(cost_micro) FROM usage_booking")[0][0]) / 1_000_000

        spent = until(lambda: booked() == Decimal(self.budget(s, "miner")["spent_usd"]) and booked(),
                      "booked is what the account says")
        self.assertGreater(spent, Decimal("0.0015"), "most of it was used before")
        higher = dollars(5)
        s.ok("budget", "set", "miner", "--daily", higher)
        s.wait_state("miner", "running")
        s.wait_state("miner", "paused")
        self.assertKept(s, "miner")
        self.assertEqual(self.budget(s, "miner")["set_by"], "uid:%d" % os.getuid())
        # A pause of the budget and a limit set by hand survive the supervisor.
        s.kill9()
        s.start()
        self.assertEqual(s.state_of("miner"), "paused")
        self.assertEqual(self.budget(s, "miner")["limit_usd"], higher)
        self.assertKept(s, "miner")
        self.assertIn("miner", s.ok("budget"))

    def test_the_next_day_lets_it_go_on(self):
        s = self.prepare({"miner": sh(BUSY, budget={"daily": dollars(2)}), "other": steady()}, settings())
        zones = s.path("zones")
        os.makedirs(zones + "/Test")
        s.environment["TZDIR"] = zones
        s.start()
        s.wait_state("miner", "paused")
        today = self.budgets(s)["day"]
        # Somebody else's pause is not the budget's to lift.
        s.ok("pause", "other", "--reason", "looking at it")
        with open(zones + "/Test/Soon", "wb") as f:
            f.write(zone_with_midnight_in(4))
        s.write("supervisor.yaml", settings(budget={"timezone": "Test/Soon"}))
        s.ok("reload")
        self.assertEqual(self.budgets(s)["timezone"], "Test/Soon")
        s.wait_state("miner", "running", "paused")
        until(lambda: s.events("budget.day"), "a new day began")
        until(lambda: [e for e in s.events("instance.resumed", "miner")], "it went on")
        self.assertNotEqual(self.budgets(s)["day"], today)
        self.assertEqual(s.state_of("other"), "paused")
        s.wait_state("miner", "paused")
        self.assertKept(s, "miner")

    def test_somebody_else_paused_it_as_well(self):
        s = self.run_with({"miner": sh(BUSY, budget={"daily": dollars(2)})}, settings())
        s.wait_state("miner", "paused")
        s.ok("pause", "miner", "--reason", "mine")
        s.ok("budget", "set", "miner", "--daily", "5")
        self.assertEqual(self.budgets(s)["held"], [], "there is room again")
        self.assertEqual(s.state_of("miner"), "paused")
        self.assertEqual(s.detail("miner")["pause_reason"], "mine")
        s.ok("resume", "miner")
        s.wait_state("miner", "running")

    def test_stop_and_ask(self):
        s = self.run_with({
            "one-way": sh(BUSY, budget={"daily": dollars(2), "on_exceeded": "stop"}),
            "asker": sh(BUSY, budget={"daily": dollars(2), "on_exceeded": "ask"})}, settings())
        self.assertEqual(s.wait_state("one-way", "stopped")["reason"], "budget")
        self.assertNoGroup(s, "one-way")
        self.assertExit(s.cli("start", "one-way"), 7, "budget")
        s.wait_state("asker", "paused")
        said = [e["message"] for e in s.events("budget.exhausted", "asker")]
        self.assertTrue(any("novasup budget set asker --daily" in text for text in said), said)
        s.ok("budget", "set", "one-way", "--daily", "5")
        self.assertEqual(s.state_of("one-way"), "stopped", "a stop is for good")
        s.ok("start", "one-way")
        s.wait_up("one-way")

    def questions(self, s, worker):
        return [d for d in s.json("decisions", "--state", "pending") if d["worker"] == worker]

    def test_who_is_asked_answers_with_approve_or_reject(self):
        """issue 4.6: `ask` at exhaustion is one more approval"""
        limit = dollars(2)
        s = self.run_with({"asker": sh(BUSY, budget={"daily": limit, "on_exceeded": "ask"})}, settings())
        s.wait_state("asker", "paused")
        asked = until(lambda: self.questions(s, "asker"), "it asks")
        self.assertEqual(len(asked), 1)
        self.assertEqual((asked[0]["action"], asked[0]["rule"], asked[0]["stake_usd"]), ("resume", "budget", limit))
        self.assertEqual(s.api("GET", "/v1/status")[1]["pending_approvals"], 1)
        number = str(asked[0]["id"])
        # The question and the pause outlive the supervisor together.
        s.kill9()
        s.start()
        self.assertEqual([str(d["id"]) for d in self.questions(s, "asker")], [number])
        self.assertEqual(s.state_of("asker"), "paused")
        self.assertExit(s.cli("decisions", "show", number, "--replay"), 1, "a budget asked it")
        s.ok("approve", number)
        s.wait_state("asker", "running", "paused")
        row = self.budget(s, "asker")
        self.assertEqual((Decimal(row["limit_usd"]), row["granted_usd"]), (2 * Decimal(limit), limit), row)
        self.assertIsNone(row["set_by"])
        self.assertExit(s.cli("approve", number), 8, "executed already")
        # The grant is used up as well: it is asked once more, and the answer is no.
        again = until(lambda: self.questions(s, "asker"), "it asks again")
        self.assertNotEqual(str(again[0]["id"]), number)
        s.wait_state("asker", "paused")
        self.assertKept(s, "asker")
        s.ok("reject", str(again[0]["id"]), "--reason", "enough for today")
        self.assertEqual(s.state_of("asker"), "paused")
        self.assertEqual(self.questions(s, "asker"), [])
        # Room from elsewhere lets it go on; then it asks anew, and a higher limit answers the question.
        s.ok("budget", "set", "asker", "--daily", dollars(9))
        s.wait_state("asker", "running", "paused")
        last = until(lambda: self.questions(s, "asker"), "it asks a third time")[0]
        s.ok("budget", "set", "asker", "--daily", "50")
        s.wait_state("asker", "running")
        shown = s.json("decisions", "show", str(last["id"]))
        self.assertEqual(shown["decision"]["state"], "stale", shown)

    def ledger_costs(self, s, worker=None):
        """What the ledger has booked as cost, in all or of one worker."""
        where = "" if worker is None else f" AND worker = '{worker}'"
        micro = s.sql("SELECT coalesce(-sum(amount_micro), 0) FROM entry WHERE pending = 0 AND kind IN ('reported', "
                      f"'compute', 'llm', 'api_call', 'platform_fee', 'fixed_share'){where}")[0][0]
        return Decimal(micro) / 1_000_000

    def reporter(self, s, code):
        return py(
            "import http.client, json, os, socket, time\n"
            "def report(**body):\n"
            "    while True:\n"
            "        try:\n"
            "            c = http.client.HTTPConnection('nova'); c.sock = socket.socket(socket.AF_UNIX)\n"
            "            c.sock.connect(os.environ['NOVA_SOCKET']); c.request('POST', '/v1/reports', json.dumps(body))\n"
            "            a = c.getresponse(); a.read()\n"
            "            if a.status != 503: return a.status\n"
            "        except (OSError, http.client.HTTPException): pass\n"
            "        time.sleep(0.02)\n" + code)

    def test_a_cost_on_the_disk_is_in_the_account_whenever_the_supervisor_dies(self):
        """issue 4.6: the entry is durable and the supervisor dies before it has charged it"""
        # Computing for nothing: the first entry is the report's.
        s = self.prepare({}, {"prices": {"cpu_hour": "0", "memory_gib_hour": "0"}})
        s.configure({"w": {**self.reporter(s, "report(ok=True, run_id='r1', cost_usd='0.40'); time.sleep(1000)"),
                           "budget": {"daily": "10", "total": "20", "per_run": "5"}}})
        s.environment["NOVA_FAULT"] = "told:1"
        s.launch()
        self.assertEqual(s.process.wait(60), -6, s.said())
        self.assertEqual(s.sql("SELECT count(*) FROM entry WHERE run = 'r1'"), [(1,)])
        self.assertEqual(s.sql("SELECT coalesce(sum(settled_micro), 0) FROM budget_account WHERE subject = 'w' "
                               "AND settled_micro >= 400000"), [(0,)], "nobody had charged it")
        del s.environment["NOVA_FAULT"]
        s.start()
        for period in ("day", "total"):
            row = self.budget(s, "w", period)
            self.assertEqual(Decimal(row["spent_usd"]), self.ledger_costs(s, "w"), row)
            self.assertGreaterEqual(Decimal(row["spent_usd"]), Decimal("0.40"))
        self.assertEqual(self.budget(s, "w/r1", "total")["spent_usd"], "0.400000")
        self.assertEqual(Decimal(self.budget(s)["spent_usd"]), self.ledger_costs(s))
        # And it is charged once, however often it starts.
        s.kill9()
        s.start()
        self.assertEqual(Decimal(self.budget(s, "w")["spent_usd"]), self.ledger_costs(s, "w"))

    def test_a_limit_set_in_mid_day_counts_all_that_was_booked_today(self):
        """issue 4.6: reported cost, fees and computing of today, whatever the limit is first set on"""
        s = self.prepare({}, settings(accounting={"booking_interval": "1s"}))
        s.configure({"w": self.reporter(s, "report(ok=True, run_id='r1', cost_usd='0.40')\nwhile True: pass")})
        s.start()
        until(lambda: self.ledger_costs(s, "w") > Decimal("0.4001"), "a report and some computing are booked")
        status, answer = s.api("POST", "/v1/revenue", {"id": "x", "source": "stripe", "worker": "w",
                                                       "amount_usd": "9", "fee_usd": "0.25"})
        self.assertEqual(status, 200, answer)
        s.ok("pause", "w")
        s.ok("budget", "set", "w", "--daily", "10")
        until(lambda: Decimal(self.budget(s, "w")["spent_usd"]) == self.ledger_costs(s, "w"),
              lambda: (self.budget(s, "w"), self.ledger_costs(s, "w")))
        self.assertGreater(self.ledger_costs(s, "w"), Decimal("0.65"))
        s.ok("budget", "set", "--provider", "stripe", "--daily", "5")
        self.assertEqual(self.budget(s, "stripe")["spent_usd"], "0.250000")

    def test_after_run_lets_the_run_end(self):
        # Each run is busy until told, so that the budget is empty in the middle of it.
        s = self.prepare({}, settings())
        script = f"echo begun >> {s.path('runs')}; while [ ! -e {s.path('end')} ]; do :; done; echo done >> {s.path('runs')}"
        s.configure({"batch": sh(script, mode="job", interval="1s", backoff=NEVER,
                                 budget={"daily": dollars(2), "pause_mode": "after_run"})})
        s.start()
        until(lambda: self.budgets(s)["held"], "its budget is empty")
        self.assertTrue(self.budgets(s)["held"][0]["pending"])
        self.assertEqual(s.state_of("batch"), "running", "the run goes on")
        s.touch("end")
        until(lambda: s.detail("batch")["paused"], "then it is paused")
        until(lambda: not s.row("batch")["pid"], "and no run begins")
        with open(s.path("runs")) as f:
            self.assertEqual(f.read().split(), ["begun", "done"])
        row = self.budget(s, "batch")
        self.assertEqual(
            Decimal(row["overrun_usd"]), max(0, Decimal(row["spent_usd"]) - Decimal(row["limit_usd"])),
            "what the end of the run cost beyond the limit is shown")

    def test_what_the_engine_sees_first_is_still_the_budget_s_policy(self):
        # A settled reservation empties it: the engine is told at once, the next booking is an hour away.
        s = self.prepare({}, settings(accounting={"booking_interval": "1h"}, budget={"daily": "10000"}))
        run = f"while [ ! -e {s.path('end')} ]; do sleep 0.02; done"
        day = {"daily": "100"}
        s.configure({"batch": sh(run, mode="job", interval="1s", backoff=NEVER, budget={**day, "pause_mode": "after_run"}),
                     "one-way": steady(budget={**day, "on_exceeded": "stop"}), "plain": steady(budget=day)})
        s.start()
        for name in ("batch", "one-way", "plain"):
            s.wait_state(name, "running")
            status, one = s.api("POST", "/v1/budgets/reserve", {"key": "k", "worker": name, "amount_usd": "80"})
            self.assertEqual(status, 200, one)
            status, told = s.api("POST", "/v1/budgets/settle", {"reservation": one["reservation"], "spent_usd": "200"})
            self.assertEqual(status, 200, told)
        s.wait_state("one-way", "stopped")
        s.wait_state("plain", "paused")
        self.assertExit(s.cli("resume", "plain"), 7, "the budget of worker plain/day is spent")
        until(lambda: {h["worker"]: h["pending"] for h in self.budgets(s)["held"]}.get("batch"), "the job waits for its run")
        self.assertEqual(s.state_of("batch"), "running", "and its run goes on")
        s.touch("end")
        until(lambda: s.detail("batch")["paused"], "then it is paused")
        s.ok("budget", "set", "plain", "--daily", "500")
        s.wait_state("plain", "running")

    def test_the_fleet(self):
        s = self.run_with(
            {"a": sh(BUSY), "b": sh(BUSY, budget={"daily": "50", "on_exceeded": "stop"})},
            settings(budget={"daily": dollars(3)}))
        s.wait_state("a", "paused")
        s.wait_state("b", "stopped")
        self.assertKept(s, None)
        status, page = s.api("GET", "/v1/status")
        self.assertEqual(page["budget_today_usd"], dollars(3))
        self.assertIsNotNone(page["forecast_today_usd"])
        self.assertIn("left", s.ok("status"))

    def test_bad_input(self):
        s = self.run_with({"w": steady()}, settings())
        for body, field in [
            ({"key": "k"}, "amount_usd"), ({"amount_usd": "1"}, "key"),
            ({"key": "k", "amount_usd": "-1"}, "amount_usd"), ({"key": "k", "amount_usd": "0"}, "amount_usd"),
            ({"key": "k", "amount_usd": "1.0000001"}, "amount_usd"), ({"key": "k", "amount_usd": 1}, "amount_usd"),
            ({"key": "k", "amount_usd": "99999999999999999999"}, "amount_usd"),
            ({"key": "", "amount_usd": "1"}, "key"), ({"key": "x" * 200, "amount_usd": "1"}, "key"),
            ({"key": "a\nb", "amount_usd": "1"}, "key"),
            ({"key": "k", "amount_usd": "1", "lease_seconds": 0}, "lease_seconds"),
            ({"key": "k", "amount_usd": "1", "lease_seconds": 1e9}, "lease_seconds"),
            ({"key": "k", "amount_usd": "1", "least_usd": "2"}, "least_usd"),
            ({"key": "k", "amount_usd": "1", "worker": "nobody"}, "worker"),
            ({"key": "k", "amount_usd": "1", "shoe_size": 43}, "shoe_size"),
            ({"key": "k", "amount_usd": "1", "provider": ""}, "provider"),
        ]:
            status, answer = s.api("POST", "/v1/budgets/reserve", body)
            self.assertIn(status, (400, 404, 413), (body, answer))
            self.assertEqual(answer["error"]["field"], field, (body, answer))
        for page, body in [("settle", {"reservation": 77, "spent_usd": "1"}), ("release", {"reservation": 77})]:
            status, answer = s.api("POST", f"/v1/budgets/{page}", body)
            self.assertEqual((status, answer["error"]["code"]), (404, "not_found"))
        status, answer = s.api("POST", "/v1/budgets/borrow", {})
        self.assertEqual(status, 404, answer)
        for body in ({}, {"worker": "w"}, {"daily_usd": "ten"}, {"total_usd": "5"}, {"worker": "w", "provider": "p", "daily_usd": "1"}):
            status, answer = s.api("POST", "/v1/budgets", body)
            self.assertEqual(status, 400, (body, answer))
        self.assertExit(s.cli("budget", "set", "w"), 2, "--daily")
        self.assertExit(s.cli("budget", "set", "w", "--daily", "1e3"), 2)
        self.assertExit(s.cli("budget", "set", "nobody", "--daily", "1"), 4)
        self.assertExit(s.cli("budget", "--daily", "1"), 2)
        self.assertEqual(self.budgets(s)["open_reservations"], 0, "nothing of it was taken")

    def test_reservations(self):
        s = self.run_with({"w": steady(budget={"daily": "1", "per_run": "0.5"})}, settings())

        def reserve(key, amount, **keys):
            return s.api("POST", "/v1/budgets/reserve", {"key": key, "amount_usd": amount, "worker": "w", **keys})

        status, one = reserve("a", "0.4", run_id="r1", provider="anthropic")
        self.assertEqual((status, one["state"], one["amount_usd"]), (200, "open", "0.400000"))
        self.assertEqual(reserve("a", "0.4", run_id="r1", provider="anthropic")[1]["reservation"], one["reservation"])
        status, refused = reserve("b", "0.2", run_id="r1")
        self.assertEqual((status, refused["error"]["code"]), (402, "budget_exhausted"), refused)
        self.assertIn("w/r1", refused["error"]["message"])
        status, part = reserve("c", "0.2", run_id="r1", least_usd="0.05")
        self.assertEqual((status, part["amount_usd"]), (200, "0.100000"))
        status, told = s.api("POST", "/v1/budgets/settle", {"reservation": one["reservation"], "spent_usd": "0.1", "final": False})
        self.assertEqual((status, told["state"], told["spent_usd"]), (200, "open", "0.100000"))
        status, told = s.api("POST", "/v1/budgets/settle", {"reservation": one["reservation"], "spent_usd": "0.55"})
        self.assertEqual((status, told["state"], told["overrun_usd"]), (200, "settled", "0.150000"))
        self.assertTrue(s.events("budget.overrun", "w"))
        status, again = s.api("POST", "/v1/budgets/settle", {"reservation": one["reservation"], "spent_usd": "0.6"})
        self.assertEqual((status, again["error"]["code"]), (412, "precondition_failed"))
        status, back = s.api("POST", "/v1/budgets/release", {"reservation": part["reservation"]})
        self.assertEqual((status, back["state"]), (200, "released"))
        self.assertEqual(self.budget(s, "w")["reserved_usd"] < "0.1", True)
        # Nobody says what it cost: a second later it counts in full.
        status, silent = reserve("d", "0.2", lease_seconds=1)
        self.assertEqual(status, 200, silent)
        until(lambda: self.budget(s, "w")["unreconciled_usd"] == "0.300000",
              "the lease is over; after an overrun the bound was half as high again")
        status, told = s.api("POST", "/v1/budgets/settle", {"reservation": silent["reservation"], "spent_usd": "0.05"})
        self.assertEqual((status, told["state"]), (200, "settled"))
        self.assertEqual(self.budget(s, "w")["unreconciled_usd"], "0.000000")

    def test_a_worker_reserves_for_itself_alone(self):
        client = (
            "import http.client, json, os, socket, sys\n"
            "def post(page, body):\n"
            "    c = http.client.HTTPConnection('nova'); c.sock = socket.socket(socket.AF_UNIX)\n"
            "    c.sock.connect(os.environ['NOVA_SOCKET'])\n"
            "    c.request('POST', page, json.dumps(body)); a = c.getresponse()\n"
            "    return a.status, json.loads(a.read())\n"
            "out = [post('/v1/budgets/reserve', {'key': 'k', 'amount_usd': '0.2'}),\n"
            "       post('/v1/budgets/reserve', {'key': 'k2', 'amount_usd': '0.2', 'worker': 'victim'}),\n"
            "       post('/v1/budgets/settle', {'reservation': int(sys.argv[1]), 'spent_usd': '5'}),\n"
            "       post('/v1/budgets', {'daily_usd': '1000'})]\n"
            "open(sys.argv[2] + '.new', 'w').write(json.dumps(out)); os.rename(sys.argv[2] + '.new', sys.argv[2])\n"
            "import time; time.sleep(1000)\n")
        s = self.run_with({"victim": steady(budget={"daily": "10"})}, settings())
        status, theirs = s.api("POST", "/v1/budgets/reserve", {"key": "v", "amount_usd": "1", "worker": "victim"})
        self.assertEqual(status, 200, theirs)
        s.configure({
            "victim": steady(budget={"daily": "10"}),
            "sly": argv("/usr/bin/python3", "-I", "-S", "-c", client, str(theirs["reservation"]), s.path("out"),
                        budget={"daily": "1"})})
        s.ok("reload")
        until(lambda: os.path.exists(s.path("out")), "it has asked")
        with open(s.path("out")) as f:
            own, other, settle, limit = json.load(f)
        self.assertEqual((own[0], own[1]["state"]), (200, "open"), own)
        self.assertEqual((other[0], other[1]["error"]["code"]), (403, "denied"))
        self.assertEqual((settle[0], settle[1]["error"]["code"]), (404, "not_found"))
        self.assertEqual((limit[0], limit[1]["error"]["code"]), (403, "denied"))
        self.assertEqual(self.budget(s, "victim")["limit_usd"], "10.000000")
        self.assertGreaterEqual(Decimal(self.budget(s, "sly")["reserved_usd"]), Decimal("0.2"))

    def test_killed_in_the_middle_of_reservations(self):
        """Twelve callers against one limit while the supervisor is killed again and again: nothing is lost, nothing
        overshot. A caller spends only what it was answered, and repeats a settlement until it is answered."""
        limit = Decimal("3")
        s = self.run_with({"w": steady(budget={"daily": str(limit)})}, settings(budget={"daily": "50"}))
        lock, spent, stop = threading.Lock(), [Decimal(0)], threading.Event()
        refused, admitted = [0], [0]
        failures = []

        def post(page, body, forever):
            while True:
                try:
                    return s.api("POST", page, body, timeout=5)
                except OSError:
                    if not forever:
                        return None
                    time.sleep(0.05)

        def caller(number):
            count = 0
            while not stop.is_set():
                count += 1
                answer = post("/v1/budgets/reserve", {
                    "key": f"{number}.{count}", "amount_usd": "0.09", "worker": "w"}, False)
                if answer is None or answer[0] == 503:
                    time.sleep(0.02)
                    continue
                if answer[0] == 402:
                    refused[0] += 1
                    time.sleep(0.05)
                    continue
                if answer[0] != 200:
                    failures.append(answer)
                    return
                cost = Decimal(number % 4 + 1) / 100
                with lock:
                    spent[0] += cost
                    admitted[0] += 1
                while True:
                    told = post("/v1/budgets/settle", {
                        "reservation": answer[1]["reservation"], "spent_usd": str(cost)}, True)
                    if told[0] != 503:
                        break
                    time.sleep(0.02)
                if told[0] != 200:
                    failures.append(told)

        threads = [threading.Thread(target=caller, args=(n,)) for n in range(12)]
        for thread in threads:
            thread.start()
        for round in range(4):
            before = admitted[0]
            until(lambda: admitted[0] > before + 8 or refused[0] > 0, "calls go through")
            s.kill9()
            s.start()
            row = self.budget(s, "w")
            self.assertLessEqual(Decimal(row["spent_usd"]) + Decimal(row["reserved_usd"]), limit, row)
        stop.set()
        for thread in threads:
            thread.join(PATIENCE * 2)
        self.assertEqual(failures, [])
        row = self.budget(s, "w")
        self.assertLessEqual(spent[0], limit, "no overshoot")
        self.assertLessEqual(Decimal(row["spent_usd"]) + Decimal(row["reserved_usd"]), limit, row)
        self.assertGreaterEqual(Decimal(row["spent_usd"]), spent[0], "nothing is lost")
        booked = Decimal(s.sql("SELECT coalesce(sum(cost_micro), 0) FROM usage_booking")[0][0]) / 1_000_000
        settled = Decimal(s.sql(
            "SELECT coalesce(sum(drawn_micro), 0) FROM budget_reservation WHERE state = 'settled'")[0][0]) / 1_000_000
        self.assertEqual(settled, spent[0])
        unknown = Decimal(row["unreconciled_usd"])
        self.assertEqual(Decimal(row["spent_usd"]), booked + settled + unknown, "the account is explained")
        print(f"12 callers, 4 kills: {admitted[0]} calls, ${spent[0]} of ${limit} spent, {refused[0]} refused, "
              f"${unknown} of unanswered reservations counted as spent")
