"""Views of the books, who gets a payment, other currencies, and what is earned spent again (issue 4)."""

import csv
import datetime
import io
import json
import os
import sqlite3
from decimal import Decimal

from harness import steady, until
from test_money import Money

DAY = datetime.timedelta(days=1)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Views(Money):
    """Two runs of `a`, one of them begun three days ago, a failed one, and a sale that is nobody's."""

    def fleet(self):
        s = self.prepare({"b": steady()}, {"prices": {"cpu_hour": "0", "memory_gib_hour": "0"}})
        old = stamp(now() - 3 * DAY)
        s.configure({"b": steady(), "a": self.reporter(s, f"""
report(ok=True, run_id='old', cost_usd='0.50', revenue_usd='2.00', started_at={old!r})
report(ok=True, run_id='new', cost_usd='0.25', revenue_usd='1.00', source='gumroad')
report(ok=False, run_id='bad', cost_usd='0.05')
open({s.path('said')!r}, 'w').close()
time.sleep(1000)""")})
        s.start()
        until(lambda: os.path.exists(s.path("said")), "all runs are reported")
        self.post(s, id="x1", source="stripe", amount_usd="7.00", fee_usd="0.20")
        self.post(s, id="r1", kind="refund", of="report", amount_usd="1", expect=412)
        return s

    def rows(self, s, *arguments):
        """CSV as people get it."""
        return list(csv.DictReader(io.StringIO(s.ok(*arguments, "--csv"))))

    def test_by_period_since_and_csv(self):
        """issue 4.5: per-agent and per-source totals, cash flow and cohorts, costs by category"""
        s = self.fleet()
        today = now().date()
        # Cash flow: everything was booked today, whenever the run began.
        rows = {r["worker"]: r for r in self.rows(s, "revenue", "--period", "day")}
        self.assertEqual({r["period"] for r in rows.values()}, {today.isoformat()})
        self.assertEqual((rows["a"]["revenue_usd"], rows["a"]["cost_usd"], rows["a"]["profit_usd"]),
                         ("3.000000", "0.800000", "2.200000"))
        self.assertEqual((rows["a"]["runs"], rows["a"]["runs_ok"]), ("2", "1"), "begun today")
        self.assertEqual(rows[""]["revenue_usd"], "7.000000")
        # Cohorts: by the day on which the run began that earned it.
        rows = {(r["period"], r["worker"]): r for r in self.rows(s, "revenue", "--period", "day", "--view", "cohort")}
        began = (today - 3 * DAY).isoformat()
        self.assertEqual(rows[began, "a"]["profit_usd"], "1.500000")
        self.assertEqual(rows[today.isoformat(), "a"]["profit_usd"], "0.700000")
        self.assertNotIn("", {worker for _, worker in rows}, "a sale without a run is in no cohort")
        rows = self.rows(s, "revenue", "a", "--view", "cohort", "--since", "1d")
        self.assertEqual([r["revenue_usd"] for r in rows], ["1.000000"])
        for period, first in (("week", today - today.weekday() * DAY), ("month", today.replace(day=1))):
            rows = self.rows(s, "revenue", "a", "--period", period)
            self.assertEqual([(r["period"], r["revenue_usd"]) for r in rows], [(first.isoformat(), "3.000000")])
        sources = {r["source"]: r["revenue_usd"] for r in self.rows(s, "revenue", "--by", "source")}
        self.assertEqual((sources["worker"], sources["gumroad"], sources["stripe"]), ("2.000000", "1.000000", "7.000000"))
        kinds = {r["category"]: r["cost_usd"] for r in self.rows(s, "costs", "--by", "category")}
        self.assertEqual(kinds, {"reported": "0.800000", "platform_fee": "0.200000"})
        both = self.rows(s, "costs", "--by", "worker", "--by", "category", "--period", "month")
        self.assertEqual([(r["worker"], r["category"]) for r in both], [("a", "reported"), ("", "platform_fee")])
        self.assertEqual(self.rows(s, "revenue", "--since", stamp(now() - 90 * DAY), "--until", stamp(now() - 60 * DAY)), [])
        self.assertExit(s.cli("costs", "--period", "fortnight"), 2, "day, week")
        self.assertExit(s.cli("revenue", "--since", "tomorrow"), 2)

    def test_status_as_a_table(self):
        """issue 4.5: `status` with --by, --period, --since, --csv"""
        s = self.fleet()
        table = s.ok("status", "--period", "day")
        self.assertRegex(table.splitlines()[0], r"^FROM +WORKER +REVENUE +COST +PROFIT +ROI +RUNS +OK$")
        self.assertRegex(table, r"(?m)^\S+ +a +\$3\.0000 +\$0\.8000 +\$2\.2000 +275\.0% +2 +50\.0%$")
        rows = self.rows(s, "status", "--since", "7d")
        self.assertEqual([(r["worker"], r["runs"], r["runs_ok"]) for r in rows], [("a", "3", "2"), ("", "", "")])
        self.assertEqual([r["source"] for r in self.rows(s, "status", "a", "--by", "source")], ["gumroad", "worker"])
        self.assertIn("Supervisor", s.ok("status"), "without them it is the page")

    def test_windows_and_rates_of_a_worker(self):
        """issue 4.3: success rate, crash rate, totals, last 1, 7 and 30 days"""
        s = self.fleet()
        money = s.json("status", "a")["money"]
        for window in ("lifetime", "day", "week", "month"):
            self.assertEqual((money[window]["cost_usd"], money[window]["revenue_usd"], money[window]["profit_usd"]),
                             ("0.800000", "3.000000", "2.200000"), window)
            self.assertAlmostEqual(money[window]["roi_percent"], 275)
        self.assertEqual([money[w]["runs"] for w in ("lifetime", "day", "week", "month")], [3, 2, 3, 3],
                         "a run counts where it began")
        self.assertAlmostEqual(money["success_percent"], 200 / 3, places=2)
        self.assertIsNone(money["crash_percent"], "no life has ended")
        s.ok("kill", "a", "--no-restart")
        s.wait_state("a", "stopped", "failed")
        until(lambda: s.json("status", "a")["money"]["crash_percent"] is not None, "an end is counted")
        none = s.json("status", "b")["money"]
        self.assertIsNone(none["success_percent"])
        self.assertIsNone(none["lifetime"]["revenue_usd"], "unknown is not zero")

    def test_timeline_and_top(self):
        """issue 4.5: timeline, top performers, JSON"""
        s = self.fleet()
        self.post(s, id="x2", source="stripe", amount_usd="9.00", worker="b")
        lines = s.json("revenue", "timeline", "-n", "2")
        self.assertEqual([line["external_id"] for line in lines], ["x1", "x2"])
        lines = list(csv.DictReader(io.StringIO(s.ok("revenue", "timeline", "a", "--csv"))))
        self.assertEqual([(r["run_id"], r["amount_usd"]) for r in lines], [("old", "2.000000"), ("new", "1.000000")])
        self.assertEqual([r["worker"] for r in s.json("revenue", "--top", "2")["rows"]], ["b", "a"])


class Attribution(Money):
    def owners(self, s, payment):
        return s.sql("SELECT worker, run, rule, amount_micro FROM entry WHERE external_id = ? ORDER BY part", payment)

    def touched(self, rule):
        s = self.prepare(settings={"attribution": rule} if rule else None)
        s.configure({name: self.reporter(s, f"report(ok=True, run_id='{name}1', touch=['customer']); "
                                            f"open({s.path('said-' + name)!r}, 'w').close(); time.sleep(1000)")
                     for name in ("a", "b")})
        s.start()
        until(lambda: s.sql("SELECT count(*) FROM touch") == [(2,)], "both touches are stored")
        self.post(s, id="p", source="stripe", amount_usd="0.000003", touch=["customer"])
        return s

    def test_the_owner_chooses_how_touches_share(self):
        """issue 4.5, economics 2: last touch by default; linear and time decay by configuration; sums are exact"""
        s = self.touched(None)
        self.assertEqual([(rule, amount) for _, _, rule, amount in self.owners(s, "p")], [("last_touch", 3)])
        s = self.touched("linear")
        self.assertEqual(sorted((rule, amount) for _, _, rule, amount in self.owners(s, "p")),
                         [("linear", 1), ("linear", 2)])
        self.assertEqual(s.sql("SELECT sum(weight_ppm) FROM entry WHERE external_id = 'p'"), [(1_000_000,)])
        s = self.touched("time_decay")
        self.assertEqual({rule for _, _, rule, _ in self.owners(s, "p")}, {"time_decay"})
        self.assertEqual(s.sql("SELECT sum(amount_micro), sum(weight_ppm) FROM entry WHERE external_id = 'p'"),
                         [(3, 1_000_000)])
        answer = self.prepare(settings={"attribution": "first_touch"}).launch_and_fail()
        self.assertExit(answer, 1, "attribution: 'first_touch' is not one of last_touch, linear, time_decay")

    def test_a_stronger_word_takes_a_payment_along_with_its_refund(self):
        """issue 4.5: unattributed, then the product, then the payment's own word; never twice"""
        s = self.run_with({"a": steady(), "b": {**steady(), "economics": {"products": ["stripe:p1"]}}})
        self.post(s, id="p", source="stripe", amount_usd="4.00")
        self.post(s, id="r", source="stripe", kind="refund", of="p", amount_usd="1.00")
        self.assertEqual(self.owners(s, "p"), [(None, None, "unattributed", 4_000_000)])
        self.post(s, id="p", source="stripe", amount_usd="4.00", product="p1")
        self.post(s, id="p", source="stripe", amount_usd="4.00", worker="a")
        self.assertTrue(self.post(s, id="p", source="stripe", amount_usd="4.00", product="p1")["repeated"])
        rows = {r["worker"]: r["net_revenue_usd"] for r in s.json("revenue")["rows"]}
        self.assertEqual((rows["a"], rows.get("b", "0.000000"), rows.get(None, "0.000000")),
                         ("3.000000", "0.000000", "0.000000"))
        self.books(s)

    def test_cycles_of_a_subscription_go_to_who_won_it(self):
        """issue 4.5, economics 2: credit_cycles"""
        s = self.run_with({"a": {**steady(), "economics": {"credit_cycles": 2}}})

        def cycle(number, **keys):
            return self.post(s, id=f"in_{number}", source="stripe", kind="subscription_cycle", subscription="sub_1",
                             amount_usd="5.00", **keys)
        cycle(1, worker="a", run_id="r1")
        cycle(2)
        self.assertTrue(cycle(2)["repeated"])
        cycle(3)
        self.assertEqual([self.owners(s, f"in_{n}") for n in (1, 2, 3)], [
            [("a", "r1", "explicit", 5_000_000)], [("a", "r1", "subscription", 5_000_000)],
            [(None, None, "unattributed", 5_000_000)]])
        answer = self.post(s, id="y", source="stripe", subscription="sub_1", amount_usd="5.00", expect=400)
        self.assertEqual(answer["error"]["field"], "subscription")


class Currencies(Money):
    def test_rates_are_rows_and_what_has_none_is_refused(self):
        """issue 4.5, 4.8, economics 1: other currencies by a rate of the week, whole numbers throughout"""
        s = self.run_with({"a": steady()})

        def pay(id, expect=200, **keys):
            return self.post(s, id=id, source="bank", worker="a", expect=expect, **keys)
        answer = pay("e1", currency="EUR", amount="10.00", expect=400)
        self.assertEqual(answer["error"]["field"], "currency")
        self.assertIn("there is no rate of EUR", answer["error"]["message"])
        self.assertIn("one EUR is 1.081200000 USD", s.ok("revenue", "rate", "EUR", "1.0812", "--at", stamp(now() - DAY)))
        pay("e1", currency="eur", amount="10.00")
        self.assertEqual(s.sql("SELECT amount_micro, currency, minor_units, substr(rate, 1, 4) FROM entry "
                               "WHERE external_id = 'e1'"), [(10_812_000, "EUR", 1000, "EUR ")])
        # Handed in again after another rate it is the same payment, at the rate that it was booked with.
        s.ok("revenue", "rate", "EUR", "1.09")
        pay("e2", currency="EUR", amount="10.00")
        self.assertEqual(s.sql("SELECT amount_micro FROM entry WHERE external_id = 'e2'"), [(10_900_000,)])
        self.assertIn("paid", json.dumps(s.json("revenue", "timeline")))
        # Older than a week, or before the first one.
        for at in (now() - 3 * DAY, now() - 400 * DAY):
            answer = pay("e3", currency="EUR", amount="1.00", at=stamp(at), expect=400)
            self.assertIn("there is no rate of EUR", answer["error"]["message"])
        s.ok("revenue", "rate", "JPY", "0.0066", "--at", stamp(now() - 8 * DAY))
        answer = pay("j1", currency="JPY", amount="100", expect=400)
        self.assertIn("more than seven days older", answer["error"]["message"])
        pay("j1", currency="JPY", amount="100", at=stamp(now() - 4 * DAY))
        self.assertEqual(s.sql("SELECT amount_micro FROM entry WHERE external_id = 'j1'"), [(660_000,)])
        for words, text in ((("XXQ", "1"), "there is no currency"), (("USD", "1"), "there is no currency"),
                            (("EUR", "0"), "more than 0"), (("EUR", "1001"), "1000"),
                            (("EUR", "1.0000000001"), "nine decimals"), (("EUR", "1", "--at", "2099-01-01T00:00:00Z"), "future")):
            answer = s.cli("revenue", "rate", *words)
            self.assertExit(answer, 2, text)
        # A rate never changes, and it outlives the supervisor.
        since = s.json("revenue", "rates")[0]["since"]
        self.assertExit(s.cli("revenue", "rate", "EUR", "1.2", "--at", since), 8, "a rate never changes")
        s.kill9()
        s.start()
        self.assertEqual([r["usd"] for r in s.json("revenue", "rates") if r["currency"] == "EUR"],
                         ["1.081200000", "1.090000000"])
        pay("e4", currency="EUR", amount="1.00")
        self.books(s)


class BadInput(Money):
    def test_replayed_ids_with_other_amounts_book_nothing(self):
        """issue 4.8: payments, refunds, fees and reservations"""
        s = self.run_with({"a": steady(), "b": steady()})
        self.post(s, id="p", source="stripe", amount_usd="4.00", worker="a")
        self.post(s, id="r", source="stripe", kind="refund", of="p", amount_usd="1.00")
        before = s.sql("SELECT * FROM entry ORDER BY id")
        for body in (dict(id="p", amount_usd="4.01", worker="a"), dict(id="p", amount_usd="3.99"),
                     dict(id="r", kind="refund", of="p", amount_usd="0.50"),
                     dict(id="r2", kind="refund", of="p", amount_usd="3.01"),
                     dict(id="r3", kind="refund", of="q", amount_usd="1.00"),
                     dict(id="w", kind="chargeback_won", of="p", amount_usd="1.00")):
            answer = self.post(s, source="stripe", expect=412, **body)
            self.assertIn("USD", answer["error"]["message"] + " USD")
        self.assertEqual(s.sql("SELECT * FROM entry ORDER BY id"), before, "nothing half-booked")
        # The same id of another source, or of another kind, is another thing.
        self.post(s, id="p", source="gumroad", amount_usd="9.00", worker="b")
        self.books(s)

    def test_clocks_that_differ(self):
        """issue 4.8: five minutes are forgiven, more is refused, whichever clock is wrong"""
        s = self.run_with({"a": steady()})
        minute = datetime.timedelta(minutes=1)
        self.post(s, id="t1", amount_usd="1", worker="a", at=stamp(now() + 4 * minute))
        answer = self.post(s, id="t2", amount_usd="1", worker="a", at=stamp(now() + 6 * minute), expect=400)
        self.assertIn("one of the two clocks is wrong", answer["error"]["message"])
        self.post(s, id="t3", amount_usd="1", worker="a", at=stamp(now() - 300 * DAY))
        answer = self.post(s, id="t4", amount_usd="1", worker="a", matures_at=stamp(now() + 500 * DAY), expect=400)
        self.assertEqual(answer["error"]["field"], "matures_at")

    def test_a_price_above_any_sane_bound_is_refused(self):
        """issue 4.8: nothing starts with it, and a reload with it changes nothing"""
        answer = self.prepare({"a": steady()}, {"prices": {"cpu_hour": "41667"}}).launch_and_fail()
        self.assertExit(answer, 1, "more than 41666 USD an hour (is the decimal point right?)")
        s = self.run_with({"a": steady()}, {"prices": {"cpu_hour": "41666"}})
        s.write("supervisor.yaml", {"prices": {"host_hour": "99999"}})
        self.assertExit(s.cli("reload"), 1, "41666")
        self.assertEqual(s.sql("SELECT max(cpu_hour_pico) FROM price"), [(41_666 * 10**12,)])

    def test_a_ledger_from_a_newer_version_is_left_alone(self):
        """issue 4.8: refused with a sentence, not a byte changed"""
        s = self.run_with({"a": steady()})
        self.post(s, id="p", amount_usd="4.00", worker="a")
        s.stop()
        path = os.path.join(s.state, "nova.db")
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 99")
            db.commit()
        db.close()
        with open(path, "rb") as file:
            before = file.read()
        self.assertExit(s.launch_and_fail(), 1, "it was written by a newer release (schema 99; this one knows ")
        with open(path, "rb") as file:
            self.assertEqual(file.read(), before)


class Reinvestment(Money):
    def test_half_of_what_the_week_brought_may_be_spent_again(self):
        """issue 4.5, economics 10: today's limit grows by it, is capped, and falls at once"""
        base = {"daily": "10.00", "reinvest": "50%"}
        s = self.prepare({"a": steady()}, {"budget": base, "prices": {"cpu_hour": "0", "memory_gib_hour": "0"}})
        s.start()

        def limit():
            return Decimal(s.api("GET", "/v1/status")[1]["budget_today_usd"])

        def suggestion():
            return s.json("revenue")["reinvestment"]
        # Earned today: it counts from tomorrow on, and the report says what that will be.
        self.post(s, id="p1", amount_usd="72.00", worker="a", fee_usd="2.00")
        self.assertEqual(suggestion(), {"matured_profit7d_usd": "70.000000", "pool_usd": "5.000000",
                                        "suggested_daily_usd": "15.000000"})
        self.post(s, id="p2", amount_usd="100.00", worker="a", matures_at=stamp(now() + 10 * DAY))
        self.assertEqual(suggestion()["matured_profit7d_usd"], "70.000000", "what may be given back is not counted")
        self.assertEqual(limit(), 10)
        # As if it had been booked three days ago.
        s.stop()
        self.age(s, 3)
        s.start()
        until(lambda: limit() == 15, lambda: limit())
        self.assertTrue(s.events("budget.reinvested"))
        s.write("supervisor.yaml", {"budget": {**base, "hard_cap": "12.00"}})
        s.ok("reload")
        until(lambda: limit() == 12, lambda: limit())
        s.write("supervisor.yaml", {"budget": {**base, "reinvest": "100%", "daily": "4.00"}})
        s.ok("reload")
        until(lambda: limit() == 8, lambda: limit())
        # A loss takes it back.
        self.post(s, id="r1", kind="refund", of="p1", amount_usd="72.00")
        s.ok("reload")
        until(lambda: limit() == 4, lambda: limit())

    def age(self, s, days):
        """Moves every entry and its sums into the past, below the rules that protect them."""
        path = os.path.join(s.state, "nova.db")
        db = sqlite3.connect(path, isolation_level=None)
        rules = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'entry'").fetchall()
        for name, _ in rules:
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE entry SET booked_usec = booked_usec - ?", (days * 86_400_000_000,))
        db.execute("UPDATE period SET quarter = quarter - ?", (days * 96,))
        for _, sql in rules:
            db.execute(sql)
        db.close()
