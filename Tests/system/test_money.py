"""What workers cost and earn: booked once, to the microsecond, whatever crashes (issue 4)."""

import json
import os
import re
import sqlite3

from harness import NOTIFY, QUICK, SystemTest, py, sh, steady, until, write_text

REPORT = """
import http.client, json, os, socket, sys, time
class Unix(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX); self.sock.settimeout(10); self.sock.connect(SOCKET)
def report(**body):
    while True:
        try:
            c = Unix('nova'); c.request('POST', '/v1/reports', json.dumps(body))
            r = c.getresponse(); answer = (r.status, json.loads(r.read())); c.close()
            if r.status != 503: return answer
        except (OSError, http.client.HTTPException, ValueError): pass
        time.sleep(0.02)
"""


def micro(text):
    """Decimal USD as micro-USD."""
    sign = -1 if text.startswith("-") else 1
    whole, _, fraction = text.lstrip("-").partition(".")
    return sign * (int(whole) * 1_000_000 + int((fraction + "000000")[:6]))


class Money(SystemTest):
    def reporter(self, s, code):
        return py(f"SOCKET = {s.socket!r}\n" + REPORT + code)

    def books(self, s):
        """Balances, their replay from the entries, and the sums by time: all alike, or it says where not."""
        replay = dict(s.sql("SELECT coalesce(worker, '') || '/' || coalesce(instance, 0), sum(amount_micro) FROM entry "
                            "WHERE pending = 0 GROUP BY 1"))
        balances = dict(s.sql("SELECT worker || '/' || instance, revenue_micro + contra_micro - cost_micro FROM balance"))
        self.assertEqual({k: v for k, v in replay.items() if v}, {k: v for k, v in balances.items() if v})
        total = s.sql("SELECT coalesce(sum(amount_micro), 0) FROM entry WHERE pending = 0")
        self.assertEqual(s.sql("SELECT coalesce(sum(amount_micro), 0) FROM period"), total)
        return balances

    def post(self, s, expect=200, **body):
        status, answer = s.api("POST", "/v1/revenue", body)
        self.assertEqual(status, expect, answer)
        return answer


class Compute(Money):
    def test_booked_cpu_equals_the_groups_counter_to_the_microsecond(self):
        """issue 4.2: processes that live 5 ms and their grandchildren"""
        s = self.prepare(settings={"prices": {"cpu_hour": "36.00"}})
        s.configure({"a": py("""
import os, time
def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
for _ in range(40):
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            burn(0.003); os._exit(0)
        burn(0.001); os._exit(0)
    os.waitpid(child, 0)
burn(0.005)
os._exit(7)""", restart="never")})
        s.start()
        s.wait_state("a", "failed")
        booked = until(lambda: s.sql("SELECT cpu_usec, cost_micro, cost_remainder_pico FROM incarnation "
                                     "WHERE ended_usec IS NOT NULL"), "it is booked")
        cpu, cost, rest = booked[0]
        self.assertGreaterEqual(cpu, 40 * 4_000)
        # 36 USD an hour is 10,000 pico-USD a microsecond: the bill tells the counter to the microsecond.
        memory = s.sql("SELECT memory_kib_msec FROM incarnation")[0][0]
        price = s.sql("SELECT cpu_hour_pico, memory_gib_hour_pico FROM price ORDER BY id DESC LIMIT 1")[0]
        bill = cpu * price[0] // 3_600_000_000 + memory * price[1] // (3_600_000 << 20)
        self.assertEqual(cost * 1_000_000 + rest, bill)
        self.assertEqual(s.sql("SELECT -sum(amount_micro) FROM entry WHERE kind = 'compute'"), [(cost,)])
        self.assertEqual(s.sql("SELECT count(*) FROM entry WHERE worker <> 'a'"), [(0,)])
        self.books(s)

    def test_booked_cpu_is_what_the_kernel_says_at_every_booking(self):
        """issue 4.2: booked CPU equals usage_usec"""
        s = self.prepare()
        done = s.path("done")
        s.configure({"a": py(f"""
import os, signal, time
for _ in range(30):
    pid = os.fork()
    if pid == 0:
        if os.fork() == 0:
            end = time.process_time() + 0.005
            while time.process_time() < end: pass
        os._exit(0)
    os.waitpid(pid, 0)
time.sleep(0.3)
open({done!r}, 'w').close()
os.kill(os.getpid(), signal.SIGSTOP)""")})
        s.start()
        until(lambda: os.path.exists(done), "it is done")
        # Stopped: the counter stands still, and only then can two looks be the same.
        def stat():
            with open(s.group("a") + "/cpu.stat") as file:
                return dict(line.split() for line in file)["usage_usec"]
        counter = until(lambda: stat() == stat() and stat(), "the counter stands still")
        s.ask_to_end(12)  # SIGUSR2: book, hand over
        until(lambda: s.sql("SELECT 1 FROM event WHERE type = 'supervisor.handover'"), "it handed over")
        booked = until(lambda: s.sql("SELECT cpu_usec FROM incarnation WHERE worker = 'a'"), "booked")
        self.assertEqual(booked, [(int(counter),)])

    def test_the_hosts_price_is_booked_whole_with_the_idle_rest(self):
        """issue 4.2: the sum of all workers plus idle equals the host's price exactly"""
        for share in ("none", "even", "proportional"):
            with self.subTest(share=share):
                s = self.run_with(
                    {"a": sh("while :; do :; done"), "b": steady(),
                     "job": sh("exit 0", interval="1s", mode="job")},
                    settings={"prices": {"host_hour": "36.00", "share_idle": share},
                              "accounting": {"booking_interval": "1s", "sample_interval": "500ms"}})
                s.wait_up("a")
                until(lambda: s.sql("SELECT number FROM host_account")[0][0] >= 5, "five spans are booked")
                s.kill9()
                s.start()
                until(lambda: s.sql("SELECT number FROM host_account")[0][0] >= 9, "and four after a crash")
                s.stop()
                account = s.sql("SELECT boottime_nsec, remainder_pico, early_micro, number FROM host_account")[0]
                spent = s.sql("SELECT -sum(amount_micro) FROM entry WHERE kind IN ('compute', 'fixed_share')")[0][0]
                begun = s.sql("SELECT details FROM event WHERE type = 'prices.host_began'")
                self.assertEqual(len(begun), 1, "a restart of the brain does not begin it anew")
                began = int(re.search(r"boottime_nsec=(\d+)", begun[0][0]).group(1))
                # 36 USD an hour is 10 pico-USD a nanosecond, in spans that are each rounded down to a pico-USD.
                due = (account[0] - began) * 10
                booked = (spent - account[2]) * 1_000_000 + account[1]
                self.assertLessEqual(abs(due - booked), account[3])
                idle = s.sql("SELECT count(*), count(worker) FROM entry WHERE kind = 'fixed_share'")[0]
                self.assertGreater(idle[0], 0)
                self.assertEqual(idle[1] > 0, share != "none")
                self.books(s)


class Runs(Money):
    def test_a_run_is_booked_once_and_its_figures_show(self):
        """issue 4.3, 4.7: ok, cost, revenue, run id; ROI in ps"""
        s = self.prepare()
        s.configure({"a": self.reporter(s, """
print(report(ok=True, cost_usd='0.05', revenue_usd='10.00', run_id='r1', source='stripe'), flush=True)
print(report(ok=True, cost_usd='0.05', revenue_usd='10.00', run_id='r1', source='stripe'), flush=True)
print(report(ok=True, cost_usd='0.06', revenue_usd='10.00', run_id='r1', source='stripe'), flush=True)
print(report(ok=False, run_id='r2'), flush=True)
time.sleep(1000)""")})
        s.start()
        out = until(lambda: len(s.ok("logs", "a", "--no-prefix").splitlines()) >= 4
                    and s.ok("logs", "a", "--no-prefix").splitlines(), "four answers")
        self.assertRegex(out[0], r"^\(200, .*'run_id': 'r1', 'repeated': False")
        self.assertRegex(out[1], r"^\(200, .*'repeated': True")
        self.assertRegex(out[2], r"^\(412, .*is booked already, with another outcome or other amounts")
        self.assertRegex(out[3], r"^\(200, ")
        self.assertEqual(s.sql("SELECT kind, amount_micro FROM entry WHERE run = 'r1' ORDER BY id"),
                         [("reported", -50_000), ("sale", 10_000_000)])
        row = until(lambda: s.row("a")["roi_percent"] is not None and s.row("a"), "a return")
        self.assertEqual(micro(row["revenue_usd"]), 10_000_000)
        self.assertGreaterEqual(micro(row["cost_usd"]), 50_000)
        self.assertIsNone(row["roi_status"])
        self.assertGreater(row["roi_percent"], 5_000)
        self.assertEqual(s.sql("SELECT ok, failed, with_revenue FROM run_total"), [(1, 1, 1)])
        self.books(s)

    def test_what_nobody_has_said_is_unknown_and_not_a_loss(self):
        """issue 4.7: unknown is not zero"""
        s = self.prepare(settings={"accounting": {"booking_interval": "1s"}, "prices": {"cpu_hour": "3600"}})
        s.configure({"silent": sh("while :; do :; done"), "zero": self.reporter(s, """
report(ok=True, cost_usd='1', revenue_usd='0'); time.sleep(1000)""")})
        s.start()
        until(lambda: micro(s.row("silent")["cost_usd"] or "0") > 0, "it has cost something")
        row = s.row("silent")
        self.assertEqual((row["revenue_usd"], row["roi_percent"], row["roi_status"]), (None, None, "no_data"))
        row = until(lambda: s.row("zero")["roi_percent"] is not None and s.row("zero"), lambda: s.row("zero"))
        self.assertEqual((micro(row["revenue_usd"]), row["roi_percent"]), (0, -100))

    def test_bad_amounts_are_refused_and_nothing_is_booked(self):
        """issue 4.8"""
        s = self.prepare()
        s.configure({"a": self.reporter(s, """
for body in [dict(cost_usd='-1'), dict(cost_usd='1e3'), dict(revenue_usd='0.1234567'), dict(revenue_usd='10000001'),
             dict(cost_usd='99999999999999999999'), dict(source='Not a word'), dict(run_id=''), dict(run_id='x' * 129),
             dict(run_id='a\\x1b[2J'), dict(source='compute'), dict(started_at='2099-01-01T00:00:00Z'),
             dict(started_at='1999-01-01T00:00:00Z'), dict(started_at='yesterday')]:
    print(report(ok=True, **body)[0], flush=True)
print(report(cost_usd='1')[0], flush=True)
print('end', flush=True)
time.sleep(1000)""")})
        s.start()
        until(lambda: "end" in s.ok("logs", "a", "--no-prefix"), "all are answered")
        answers = s.ok("logs", "a", "--no-prefix").split()
        self.assertEqual(answers, ["400"] * 14 + ["end"])
        self.assertEqual(s.sql("SELECT count(*) FROM run"), [(0,)])
        self.assertEqual(s.sql("SELECT count(*) FROM entry WHERE kind <> 'compute'"), [(0,)])

    def test_novasup_report_books_and_a_worker_reports_for_itself_alone(self):
        """issue 4.3: through novasup report; not for another"""
        s = self.prepare()
        s.configure({"a": sh(" ".join(s.command("report", "--ok", "--cost", "0.25", "--revenue", "2"))
                             + f"; echo $? > {s.path('code')}; exec sleep 1000"),
                     "b": steady()})
        s.start()
        until(lambda: os.path.exists(s.path("code")) and open(s.path("code")).read().strip() == "0", "it reported")
        self.assertEqual(s.sql("SELECT worker, outcome, origin FROM run"), [("a", "ok", "report")])
        self.assertExit(s.cli("report", "--ok", "--revenue", "5", "--timeout", "2s"), 7)
        self.assertEqual(s.sql("SELECT count(*) FROM run WHERE worker = 'b'"), [(0,)])

    def test_sd_notify_books_from_verified_senders(self):
        """issue 4.3: over sd_notify, from senders that can be verified"""
        s = self.run_with({"a": py(NOTIFY + """
notify('X_NOVA_RUN=ok\\nX_NOVA_RUN_ID=n1\\nX_NOVA_COST_USD=0.05\\nX_NOVA_REVENUE_USD=3.00\\nX_NOVA_SOURCE=stripe')
notify('X_NOVA_RUN=ok\\nX_NOVA_RUN_ID=n1\\nX_NOVA_COST_USD=0.05\\nX_NOVA_REVENUE_USD=3.00\\nX_NOVA_SOURCE=stripe')
notify('X_NOVA_RUN=ok\\nX_NOVA_RUN_ID=n2\\nX_NOVA_COST_USD=-7')
time.sleep(1000)""")})
        until(lambda: s.sql("SELECT count(*) FROM run")[0][0] == 1, "it is booked")
        until(lambda: s.events("report.refused"), "the bad one is an event")
        self.assertEqual(s.sql("SELECT run, origin, reported_cost_micro, reported_revenue_micro, source FROM run"),
                         [("n1", "notify", 50_000, 3_000_000, "stripe")])

    def test_a_job_is_a_run_by_its_exit(self):
        """issue 4.3: in job mode by its exit"""
        s = self.run_with({"good": sh("exit 0", mode="job", interval="1s"),
                           "bad": sh("exit 3", mode="job", interval="1s", backoff=QUICK)})
        until(lambda: s.sql("SELECT ok FROM run_total WHERE worker = 'good' AND ok >= 2"), "two good runs")
        until(lambda: s.sql("SELECT 1 FROM run_total WHERE worker = 'bad' AND failed >= 1 AND crashed_lives >= 1"),
              "a bad run")
        self.assertEqual(s.sql("SELECT DISTINCT origin FROM run"), [("exit",)])
        self.assertEqual(s.sql("SELECT count(*) FROM run WHERE worker = 'good' AND outcome <> 'ok'"), [(0,)])

    def test_untrusted_revenue_waits_for_the_platform(self):
        """issue 4.3: trust_reported_revenue: false"""
        s = self.prepare()
        worker = self.reporter(s, "print(report(ok=True, revenue_usd='10', run_id='r1'), flush=True); time.sleep(1000)")
        s.configure({"a": {**worker, "economics": {"trust_reported_revenue": False}}})
        s.start()
        until(lambda: s.sql("SELECT 1 FROM run"), "it is booked")
        self.assertIn("'pending': True", s.ok("logs", "a", "--no-prefix"))
        total = s.json("revenue", "a")["total"]
        self.assertEqual((micro(total["revenue_usd"]), micro(total["pending_usd"])), (0, 10_000_000))
        self.post(s, id="ch_1", source="stripe", amount_usd="10.00", worker="a", run_id="r1")
        total = s.json("revenue", "a")["total"]
        self.assertEqual((micro(total["revenue_usd"]), micro(total["pending_usd"])), (10_000_000, 0))

    def test_nothing_acknowledged_is_lost_when_the_brain_is_killed(self):
        """issue 4.1, 4.3: retried with the same run id; conservation under SIGKILL of a real writer"""
        s = self.prepare(settings={"accounting": {"booking_interval": "1s"}, "prices": {"cpu_hour": "36"}})
        s.configure({name: self.reporter(s, f"""
acked = open({s.path('acked-' + name)!r}, 'a')
n = 0
while True:
    n += 1
    status, answer = report(ok=n % 3 > 0, cost_usd='0.000%03d' % (n % 1000), revenue_usd='0.01', run_id='r%d' % n)
    assert status == 200, answer
    acked.write('r%d\\n' % n); acked.flush()
    time.sleep(0.002)""", ) for name in ("a", "b", "c")})
        s.start()

        def acked(name):
            try:
                with open(s.path("acked-" + name)) as file:
                    return [line.strip() for line in file if line.endswith("\n")]
            except FileNotFoundError:
                return []
        for turn in range(4):
            before = len(acked("a"))
            until(lambda: len(acked("a")) >= before + 15, lambda: f"{len(acked('a'))} acknowledged")
            s.kill9()
            s.start()
        s.ok("stop", "a", "b", "c")
        for name in ("a", "b", "c"):
            said = acked(name)
            booked = [run for run, in s.sql("SELECT run FROM run WHERE worker = ? AND origin = 'report'", name)]
            self.assertEqual(len(booked), len(set(booked)))
            self.assertFalse(set(said) - set(booked), "acknowledged and not booked")
            # At most the one under way was booked and not acknowledged.
            self.assertLessEqual(len(set(booked) - set(said)), 1)
            sums = s.sql("SELECT sum(reported_cost_micro), sum(reported_revenue_micro) FROM run WHERE worker = ?", name)
            entries = s.sql("SELECT -sum(CASE kind WHEN 'reported' THEN amount_micro END), "
                            "sum(CASE kind WHEN 'sale' THEN amount_micro END) FROM entry WHERE worker = ?", name)
            self.assertEqual(sums, entries)
        self.books(s)
        self.assertIn("intact", s.ok("audit", "verify"))


class Revenue(Money):
    def test_add_refund_and_reports(self):
        """issue 4.5: revenue add, refunds, --by, --period, CSV"""
        s = self.run_with({"a": steady(), "b": {**steady(), "economics": {"products": ["stripe:price_1"]}}})
        self.assertIn("booked", s.ok("revenue", "add", "--worker", "a", "--amount", "12.50", "--id", "INV-1"))
        self.assertIn("booked before", s.ok("revenue", "add", "--worker", "a", "--amount", "12.50", "--id", "INV-1"))
        self.assertExit(s.cli("revenue", "add", "--worker", "a", "--amount", "13", "--id", "INV-1"), 8)
        self.assertExit(s.cli("revenue", "add", "--worker", "nobody", "--amount", "13", "--id", "INV-2"), 4)
        s.ok("revenue", "add", "--kind", "refund", "--of", "INV-1", "--id", "CN-1", "--amount", "2.50")
        self.post(s, id="ch_1", source="stripe", amount_usd="30.00", product="price_1", fee_usd="1.17")
        self.post(s, id="ch_2", source="stripe", amount_usd="7.00")
        report = s.json("revenue")
        rows = {row["worker"]: row for row in report["rows"]}
        self.assertEqual(micro(rows["a"]["revenue_usd"]), 12_500_000)
        self.assertEqual(micro(rows["a"]["contra_usd"]), -2_500_000)
        self.assertEqual(micro(rows["b"]["net_revenue_usd"]), 30_000_000)
        self.assertGreaterEqual(micro(rows["b"]["cost_usd"]), 1_170_000)
        self.assertEqual(micro(rows[None]["net_revenue_usd"]), 7_000_000)
        self.assertEqual(micro(report["total"]["net_revenue_usd"]), 47_000_000)
        table = s.ok("revenue", "--by", "source", "--period", "day")
        self.assertRegex(table, r"(?m)^\d{4}-\d\d-\d\d +stripe +")
        self.assertIn("(nobody)", s.ok("revenue"))
        csv = s.ok("revenue", "--csv").splitlines()
        self.assertEqual(csv[0].split(",")[:2], ["period", "worker"])
        self.assertEqual(len(csv), 4)
        self.assertIn("refund", s.ok("revenue", "timeline"))
        self.assertEqual(s.ok("revenue", "--top", "1", "--no-headers").split()[0], "b")
        costs = s.json("costs", "--by", "category")
        self.assertIn("platform_fee", [row["category"] for row in costs["rows"]])
        self.books(s)

    def test_bad_input_is_refused_with_a_sentence(self):
        """issue 4.8"""
        s = self.run_with({"a": steady()})
        for field, body in (
                ("amount_usd", {"amount_usd": "-1"}), ("amount_usd", {"amount_usd": "0"}), ("amount_usd", {}),
                ("amount_usd", {"amount_usd": "1.0000001"}), ("amount_usd", {"amount_usd": "10000001"}),
                ("currency", {"amount_usd": "1", "currency": "XXQ", "amount": "1"}),
                ("currency", {"currency": "EUR", "amount": "1"}),
                ("amount", {"amount_usd": "1", "currency": "JPY", "amount": "1.5"}),
                ("source", {"amount_usd": "1", "source": "Über"}), ("at", {"amount_usd": "1", "at": "2099-01-01T00:00:00Z"}),
                ("at", {"amount_usd": "1", "at": "1970-01-01T00:00:00Z"}), ("of", {"amount_usd": "1", "kind": "refund"}),
                ("run_id", {"amount_usd": "1", "run_id": "x"}), ("fee_usd", {"amount_usd": "1", "fee_usd": "2"}),
                ("id", {"amount_usd": "1", "id": "report:a/r1"})):
            status, answer = s.api("POST", "/v1/revenue", {"id": "x1", **body})
            self.assertEqual((status, answer["error"]["field"]), (400, field), (body, answer))
        status, answer = s.api("POST", "/v1/revenue", {"id": "re", "kind": "refund", "of": "none", "amount_usd": "1"})
        self.assertEqual(status, 412)
        self.assertEqual(s.sql("SELECT count(*) FROM entry WHERE kind <> 'compute'"), [(0,)])
        self.post(s, id="eur", amount_usd="10.81", currency="EUR", amount="10.00", worker="a", source="stripe")
        self.assertEqual(s.sql("SELECT currency, minor_units, rate FROM entry WHERE external_id = 'eur'"),
                         [("EUR", 1000, "settled")])

    def test_a_file_is_imported_whole_or_not_at_all(self):
        """issue 4.5: CSV and JSON import"""
        s = self.run_with({"a": steady()})
        write_text(s.path("bad.csv"), "id,amount_usd,worker\ns1,1.00,a\ns2,-1,a\n")
        answer = s.cli("revenue", "import", s.path("bad.csv"))
        self.assertExit(answer, 2, "line 3", "nothing was booked")
        self.assertEqual(s.sql("SELECT count(*) FROM entry WHERE kind = 'sale'"), [(0,)])
        write_text(s.path("good.csv"), 'id,amount_usd,worker,source\r\n"s,1",1.00,a,gumroad\r\ns2,2.50,a,gumroad\r\n')
        self.assertIn("2 lines booked, 0 known", s.ok("revenue", "import", s.path("good.csv")))
        self.assertIn("0 lines booked, 2 known", s.ok("revenue", "import", s.path("good.csv")))
        write_text(s.path("more.json"), json.dumps([{"id": "s3", "amount_usd": "4", "worker": "a"}]))
        self.assertIn("1 line booked", s.ok("revenue", "import", s.path("more.json")))
        self.assertEqual(micro(s.json("revenue", "a")["total"]["revenue_usd"]), 7_500_000)

    def test_a_customer_that_was_touched_pays_for_whoever_touched_last(self):
        """issue 4.5: last touch"""
        s = self.prepare()
        s.configure({"a": self.reporter(s, "report(ok=True, run_id='t1', touch=['customer-7']); "
                                           "print('said', flush=True); time.sleep(1000)")})
        s.start()
        until(lambda: s.sql("SELECT 1 FROM touch"), "the touch is stored")
        self.post(s, id="ch_9", source="stripe", amount_usd="5.00", touch=["customer-7"])
        self.assertEqual(s.sql("SELECT worker, run, rule, instance FROM entry WHERE external_id = 'ch_9'"),
                         [("a", "t1", "last_touch", 1)])


class Audit(Money):
    def test_a_changed_row_is_named(self):
        """issue 4.1: audit verify finds any altered row and says which"""
        s = self.run_with({"a": steady()})
        for n in range(5):
            self.post(s, id=f"x{n}", amount_usd="1.00", worker="a")
        answer = s.cli("audit", "verify")
        self.assertExit(answer, 0, "intact")
        head = re.search(r"head ([0-9a-f]{64})", answer.out).group(1)
        s.stop()
        count = s.sql("SELECT count(*) FROM entry")[0][0]
        db = sqlite3.connect(os.path.join(s.state, "nova.db"))
        rules = [row[0] for row in db.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'entry_is_fixed'")]
        db.execute("DROP TRIGGER entry_is_fixed")
        target = db.execute("SELECT id FROM entry WHERE external_id = 'x2'").fetchone()[0]
        db.execute("UPDATE entry SET amount_micro = 9000000 WHERE id = ?", (target,))
        db.execute(rules[0])
        db.commit()
        db.close()
        s.start()
        answer = s.cli("audit", "verify", "--entries", str(count), "--head", head)
        self.assertExit(answer, 1)
        self.assertIn(f"altered: entry {target} is not what was booked", answer.out)
        until(lambda: s.events("ledger.audit_failed"), "it is an event")
