"""What the page says of money, decisions and alerts is what the API says, and its buttons settle them."""

import re

from harness import NOTIFY, py, until
from pages import PageTest, money, roi, runs_of

HOSTILE = "</p><script>window.broken=5</script><img src=x onerror=window.broken=6>"


def reports(cost, revenue, runs=24):
    """A worker that reports so many runs at once and then rests: its figures stand still."""
    return NOTIFY + f"""
notify('READY=1')
for n in range({runs}):
    notify('X_NOVA_RUN=ok\\nX_NOVA_RUN_ID=r%d-%d\\nX_NOVA_COST_USD={cost}\\nX_NOVA_REVENUE_USD={revenue}' % (os.getpid(), n))
    time.sleep(0.01)
time.sleep(1000000)
"""


def fleet():
    lag = {"conversion_lag": "0s"}
    return {
        "earner": py(reports("0.010000", "0.200000"), ready="notify", max_instances=4, economics={**lag, "revenue_cap_per_run": "1.00"},
                     budget={"daily": "3.00"}),
        "loser": py(reports("0.020000", "0.001000"), ready="notify", economics={**lag, "revenue_cap_per_run": "0.10"}),
    }


SETTINGS = {"decision": {"mode": "threshold", "interval": "1s", "alert_delay": "0s"}, "budget": {"daily": "40.00"},
            "thresholds": {"require_approval_above": "0.01"}}


class Money(PageTest):
    def decided(self, s, worker):
        """The decision about a worker that waits for a person."""
        return until(lambda: next((d for d in s.api("GET", "/v1/decisions")[1] if d["worker"] == worker and d["state"] == "pending"), None),
                     lambda: s.api("GET", "/v1/decisions")[1])

    def rest(self, s):
        """Waits until every run is booked."""
        until(lambda: all(runs_of(s, name) == 24 for name in ("earner", "loser")), lambda: s.api("GET", "/v1/workers/earner")[1]["money"])

    def test_the_first_screen_says_what_status_budgets_and_outlook_say(self):
        s, edge, b = self.page(fleet(), SETTINGS)
        self.rest(s)

        def figures():
            status = s.api("GET", "/v1/status")[1]
            wanted = [money(status["cost_today_usd"]), f"of {money(status['budget_today_usd'])}", money(status["revenue_today_usd"])]
            shown = [b.text(css) for css in ("#spend-value", "#spend-of", "#revenue-value")]
            self.last = (shown, wanted, status)
            return shown == wanted
        until(figures, lambda: self.last)
        self.assertIn(money(s.api("GET", "/v1/status")[1]["forecast_today_usd"])[:3], b.text("#spend-note"))
        spent, revenue = (float(b.text(css).replace("$", "")) for css in ("#spend-value", "#revenue-value"))
        self.assertAlmostEqual(float(b.text("#profit-value").replace("+$", "")), revenue - spent, delta=0.011)
        self.assertAlmostEqual(float(b.text("#roi-value").split()[0]), 100 * (revenue - spent) / spent, delta=3)

        def budgets():
            rows = [r for r in s.api("GET", "/v1/budgets")[1]["budgets"] if r["scope"] == "worker"]
            shown = b.texts("#rail-budgets .item")
            self.last = (shown, rows)
            return len(shown) == len(rows) == 1 and all(
                text in shown[0] for text in ("earner", money(rows[0]["spent_usd"]), f"of {money(rows[0]['limit_usd'])} today", f"{money(rows[0]['left_usd'])} left"))
        until(budgets, lambda: self.last)

        def distances():
            view = {r["worker"]: r for r in s.api("GET", "/v1/outlook")[1]}
            rows = {name: self.row(f"{name}@1") for name in view}
            self.last = (rows, view)
            return all(
                rows[name]["distance"] == [self.far(view[name], action) for action in ("pause", "kill")] and rows[name]["roi"] == roi(s.row(name)["roi_percent"])
                and re.sub(r"[^0-9−]+", " ", rows[name]["interval"]).split() == [
                    str(end).replace("-", "−") for end in (view[name]["roi_lower_percent"], view[name]["roi_upper_percent"]) if end is not None]
                for name in view)
        until(distances, lambda: self.last)

    def far(self, view, action):
        """As the table shows a distance."""
        found = next(d for d in view["distances"] if d["action"] == action)
        amount = found["amount_usd"] and money(found["amount_usd"])
        runs = found["runs"] is not None and f"{found['runs']:,} run" + ("" if found["runs"] == 1 else "s")
        text = (amount or runs) if action == "pause" else (runs or amount)
        return f"{action} {text}" if text else ""

    def test_a_decision_is_explained_then_approved(self):
        s, edge, b = self.page(fleet(), SETTINGS)
        row = self.decided(s, "earner")
        card = f'#approvals [data-decision="{row["id"]}"]'
        b.one(card)
        for text in ("Scale up", "earner", "1 → 2 instances", row["reason"], f"{money(row['stake_usd'])} at stake"):
            self.assertIn(text, b.text(card))
        until(lambda: b.text("#badge-approvals") == str(s.api("GET", "/v1/status")[1]["pending_approvals"]), lambda: b.text("#badge-approvals"))
        b.open(edge.origin + "/#/decisions")
        place = f'#decisions [data-decision="{row["id"]}"]'
        b.one(place + " .explained dd")
        said = b.text(place)
        for text in (row["route_reason"], row["other_reason"], row["alternatives"][0]["reason"], row["risk_band"], f"{row['evaluated_runs']} of them evaluated"):
            self.assertIn(text, said)
        b.script("document.querySelector(arguments[0]).open = true", place + " .explained details")
        detail = s.api("GET", f"/v1/decisions/{row['id']}")[1]
        seen = next(line for line in detail["inputs"].splitlines() if line.startswith("evaluated_cost_usd "))
        until(lambda: seen.split()[1] in b.text(place), lambda: b.text(place))
        b.click(place + ' [data-verb="approve"]')
        self.assertIn("1 → 2 instances", b.text("#confirm"))
        b.click("#confirm button[value=no]")
        self.assertEqual(s.api("GET", f"/v1/decisions/{row['id']}")[1]["decision"]["state"], "pending", "no is no")
        b.click(place + ' [data-verb="approve"]')
        b.click("#confirm-yes")
        s.wait_up("earner", 2)
        until(lambda: b.script("return document.querySelector(arguments[0])?.dataset.state", place) == "executed", lambda: b.text("#decisions"))
        self.assertEqual(s.api("GET", f"/v1/decisions/{row['id']}")[1]["decision"]["resolved_by"], "login:uid:0")

    def test_a_decision_is_rejected_with_a_reason_that_stays_text(self):
        s, edge, b = self.page(fleet(), SETTINGS)
        row = self.decided(s, "loser")
        b.click(f'#approvals [data-decision="{row["id"]}"] [data-verb="reject"]')
        b.click("#confirm-yes")
        self.assertTrue(b.script("return document.getElementById('confirm').open"), "a reason is needed")
        b.one("#field-reason").type(HOSTILE)
        b.press("Enter")
        until(lambda: s.api("GET", f"/v1/decisions/{row['id']}")[1]["decision"]["note"] == HOSTILE, lambda: s.api("GET", f"/v1/decisions/{row['id']}")[1])
        b.open(edge.origin + "/#/decisions")
        until(lambda: HOSTILE in (b.text(f'#decisions [data-decision="{row["id"]}"]') or ""), lambda: b.text("#decisions"))
        self.assertIsNone(b.script("return window.broken ?? null"))

    def test_who_may_only_look_gets_no_buttons(self):
        s, edge, b = self.page(fleet(), SETTINGS, role="read")
        row = self.decided(s, "earner")
        b.one(f'#approvals [data-decision="{row["id"]}"]')
        b.open(edge.origin + "/#/decisions")
        b.one(f'#decisions [data-decision="{row["id"]}"]')
        b.open(edge.origin + "/#/worker/earner")
        b.one('#page-worker [data-window="day"]')
        self.assertEqual(b.all("[data-verb]"), [])

    def test_an_alert_is_seen_and_silenced(self):
        s, edge, b = self.page({"loser": fleet()["loser"]}, SETTINGS)
        alert = until(lambda: next((a for a in s.api("GET", "/v1/alerts")[1] if a["kind"] == "negative_roi"), None), "it is raised")
        until(lambda: b.text("#badge-alerts") == str(len(s.api("GET", "/v1/alerts")[1])), lambda: b.text("#badge-alerts"))
        place = f'#alerts [data-alert="{alert["id"]}"]'
        b.open(edge.origin + "/#/alerts")
        b.one(place + ' [data-verb="ack"]')
        for text in ("critical", "loser", "loses money", alert["message"]):
            self.assertIn(text, b.text(place))
        b.click(place + ' [data-verb="ack"]')
        until(lambda: "seen by login:uid:0" in b.text(place), lambda: b.text(place))
        b.click(place + ' [data-verb="silence"]')
        until(lambda: "silent until" in b.text(place), lambda: b.text(place))
        now = next(a for a in s.api("GET", "/v1/alerts")[1] if a["id"] == alert["id"])
        self.assertEqual((now["state"], now["acknowledged_by"]), ("silenced", "login:uid:0"))

    def test_a_workers_money_and_how_far_it_is(self):
        s, edge, b = self.page({"earner": fleet()["earner"]}, {**SETTINGS, "thresholds": {"scale_roi": 100000}})
        until(lambda: runs_of(s, "earner") == 24, "its runs are booked")
        b.open(edge.origin + "/#/worker/earner")

        def same():
            sums = s.api("GET", "/v1/workers/earner")[1]["money"]
            for window in ("day", "week", "month", "lifetime"):
                cells = b.texts(f'[data-window="{window}"] td')
                w = sums[window]
                wanted = [money(w["cost_usd"]), money(w["revenue_usd"]), "+" + money(w["profit_usd"]), roi(w["roi_percent"]), str(w["runs"]), "100.0 %"]
                self.last = (window, cells, wanted)
                if cells != wanted:
                    return False
            return True
        until(same, lambda: self.last)
        for distance in s.api("GET", "/v1/outlook?target=earner")[1][0]["distances"]:
            until(lambda: distance["meaning"] in b.text('[data-part="money"]'), lambda: (distance, b.text('[data-part="money"]')))
