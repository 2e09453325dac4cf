"""The decision engine through real processes, real reports and the real CLI (issue 5)."""

import json
import os
import pty
import subprocess

import test_cli_api
from harness import NOTIFY, SystemTest, py, until


def reporter(cost, revenue, result="ok"):
    """A worker that reports a run every 50 ms."""
    return NOTIFY + f"""
notify('READY=1')
n = 0
while True:
    n += 1
    notify('X_NOVA_RUN={result}\\nX_NOVA_RUN_ID=r%d-%d\\nX_NOVA_COST_USD={cost}\\nX_NOVA_REVENUE_USD={revenue}' % (os.getpid(), n))
    time.sleep(0.05)
"""


def economics(cap):
    return {"conversion_lag": "0s", "revenue_cap_per_run": cap}


def fleet():
    return {
        "winner": py(reporter("0.000010", "0.001000"), ready="notify", economics=economics("0.001")),
        # A run never brings more than twice its cost, so that twenty of them without a sale are proof.
        "loser": py(reporter("0.000010", "0"), ready="notify", economics=economics("0.00002")),
        "dear": py(reporter("0.010000", "1.000000"), ready="notify", economics=economics("100.00")),
        "spender": py(reporter("0.010000", "0.012000"), ready="notify", economics=economics("1.00"),
                      budget={"daily": "0.05"}),
    }


def settings(mode):
    # Runs follow each other so fast here that a day of them costs thousands: the day's money is to be no reason.
    return json.dumps({"budget": {"daily": 10_000_000},
                       "decision": {"mode": mode, "interval": "1s", "alert_delay": "0s"}})


class Deciding(SystemTest):
    def decided(self, s, worker, action, state):
        """Waits for such a decision; its row."""
        def there():
            rows = s.json("decisions", "--worker", worker)
            return next((r for r in rows if r["action"] == action and r["state"] == state), None)
        return until(there, lambda: f"{action} of {worker} {state}; {s.json('decisions')} {s.json('decisions', '--would')}")


class Engine(Deciding):
    def whole_story(self, mode):
        s = self.run_with(fleet(), settings=settings(mode))
        for name in ("winner", "loser", "dear", "spender"):
            s.wait_up(name)
        self.assertFalse(s.json("autonomous", "status")["enabled"], "off by default")
        s.ok("autonomous", "enable")
        scaled = self.decided(s, "winner", "scale_up", "executed")
        self.assertEqual((scaled["from_instances"], scaled["to_instances"]), (1, 2))
        s.wait_up("winner", 2)
        killed = self.decided(s, "loser", "kill", "executed")
        self.assertEqual(killed["resolved_by"], "engine")
        s.wait_state("loser", "stopped")
        paused = self.decided(s, "spender", "pause", "executed")
        self.assertEqual(paused["rule"], "budget")
        s.wait_state("spender", "paused")
        asked = self.decided(s, "dear", "scale_up", "pending")
        self.assertGreaterEqual(float(asked["stake_usd"] or 1e9), 50)
        for row in (scaled, killed, paused, asked):
            with self.subTest(decision=row["id"]):
                self.assertEqual(row["mode"], mode)
                self.assertNotEqual(row["other_mode"], mode)
                self.assertIn("byte for byte", s.ok("decisions", "show", str(row["id"]), "--replay"))
        self.assertEqual(killed["confidence"] is not None, mode == "evidence")
        self.assertEqual(s.cli("approve", str(asked["id"])).code, 0)
        self.decided(s, "dear", "scale_up", "executed")
        s.wait_up("dear", 2)
        self.assertEqual(s.cli("approve", str(asked["id"])).code, 8, "resolved once")
        s.ok("start", "loser")
        s.wait_up("loser")
        return s

    def test_threshold_mode_scales_kills_pauses_and_asks(self):
        """issue 5: 1, 3, 4, 5, 9"""
        s = self.whole_story("threshold")
        # Off, and a file that halts: a dry run still says what it would do, and changes nothing.
        s.ok("autonomous", "disable")
        before = s.json("decisions")
        s.ok("autonomous", "run", "--dry-run")
        self.assertGreaterEqual(len(s.json("decisions")), len(before))
        would = {row["worker"]: row for row in s.json("decisions", "--would")}
        self.assertEqual(sorted(d["action"] for d in would["winner"]["distances"]), ["kill", "pause", "scale_up"])
        answer = s.json("simulate", "--mode", "evidence", "--scale-roi", "250")
        self.assertGreater(answer["happened"]["runs"], 20)

    def test_evidence_mode_does_the_same_with_proof(self):
        """issue 5: 2, 3, 9"""
        self.whole_story("evidence")

    def test_a_stop_loss_pauses_and_another_tranche_asks(self):
        """issue 5.2: bounded loss; another tranche by a person"""
        s = self.run_with({"pilot": py(reporter("0.000010", "0"), ready="notify", economics=economics("0.0001"))},
                          settings=settings("evidence"))
        s.wait_up("pilot")
        s.ok("autonomous", "enable")
        paused = self.decided(s, "pilot", "pause", "executed")
        self.assertEqual(paused["rule"], "stop_loss")
        self.assertRegex(paused["reason"], r"it has lost \$0\.0\d+ of the \$0\.0\d+ it may lose")
        # By itself the engine gives one more tranche to a worker that is thought to earn; this one has sold nothing.
        asked = self.decided(s, "pilot", "resume", "pending")
        self.assertEqual((asked["rule"], asked["route"]), ("tranche", "approval"))
        s.wait_state("pilot", "paused")
        s.ok("approve", str(asked["id"]))
        self.assertIn(asked["id"], [row["id"] for row in s.json("decisions", "--worker", "pilot", "--state", "executed")])

    def test_a_budget_event_is_looked_at_at_once(self):
        """issue 5.4: a tick on each budget event, though the next regular one is an hour away"""
        s = self.run_with({"spender": fleet()["spender"]}, settings=json.dumps(
            {"decision": {"mode": "threshold", "interval": "1h", "alert_delay": "0s"}}))
        s.wait_up("spender")
        self.assertEqual(self.decided(s, "spender", "pause", "executed")["rule"], "budget")

    def test_the_limit_that_was_set_by_hand_is_the_one_that_counts(self):
        """issue 5.4: the fleet's daily budget as the accounts know it"""
        s = self.run_with({"dear": fleet()["dear"]}, settings=settings("threshold"))
        s.ok("budget", "set", "--daily", "70")
        s.wait_up("dear")
        asked = self.decided(s, "dear", "scale_up", "pending")
        self.assertIn("day_limit_usd 70.000000\n", s.json("decisions", "show", str(asked["id"]))["inputs"])

    def test_a_worker_says_how_far_it_is_from_each_edge(self):
        """issue 5.6"""
        s = self.run_with({"winner": fleet()["winner"], "spender": fleet()["spender"]}, settings=settings("threshold"))
        s.wait_up("winner")
        page = until(lambda: (lambda p: p if p.get("outlook") and p["outlook"]["runs"] > 0 else None)(
            s.json("status", "winner")), "an outlook")
        ways = {way["action"]: way for way in page["outlook"]["distances"]}
        self.assertEqual(sorted(ways), ["kill", "pause", "scale_up"])
        self.assertGreater(ways["kill"]["runs"], 0)
        self.assertGreater(float(ways["kill"]["amount_usd"]), 0)
        text = s.ok("status", "spender")
        for line in ("\nWould", "\nTo pause", "\nTo kill", "\nTo scale"):
            self.assertIn(line, text)

    def test_of_two_who_approve_at_once_one_is_heard(self):
        """issue 5.5: two approvals race safely, everything audited"""
        s = self.run_with({"dear": fleet()["dear"]}, settings=settings("threshold"))
        s.wait_up("dear")
        asked = str(self.decided(s, "dear", "scale_up", "pending")["id"])
        racing = [subprocess.Popen(s.command("approve", asked), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True) for _ in range(6)]
        said = [(process.communicate(timeout=30)[1], process.returncode) for process in racing]
        self.assertEqual(sorted(code for _, code in said), [0, 8, 8, 8, 8, 8], said)
        self.assertEqual(len(s.events("decision.approved")), 1)
        s.wait_up("dear", 2)
        self.assertIsNone(s.row("dear", 3))

    def test_silence_of_a_source_is_not_taken_for_a_loss(self):
        """issue 5, economics.md 13: a stale source freezes decisions; durable, told, and over when news come again"""
        loser = {**fleet()["loser"], "autostart": False}
        loser["economics"] = {**loser["economics"], "products": ["shop:thing"]}
        s = self.run_with({"loser": loser}, settings=settings("threshold"))
        s.ok("autonomous", "stale", "shop")
        s.ok("autonomous", "enable")
        s.kill9()
        s.start()
        s.ok("start", "loser")
        s.wait_up("loser")
        until(lambda: s.json("decisions", "--would")[0]["runs"] >= 25, lambda: s.json("decisions", "--would"))
        s.ok("autonomous", "run")
        would = s.json("decisions", "--would")[0]
        self.assertEqual((would["action"], would["evaluated_runs"]), ("none", 0))
        self.assertIn("does not answer", would["reason"] + would["other_reason"])
        self.assertEqual(s.json("decisions"), [])
        until(lambda: [a for a in s.json("alerts") if a["kind"] == "source_stale"], "an alert")
        self.assertEqual(s.json("autonomous", "fresh", "shop")["stale_sources"], [])
        self.decided(s, "loser", "kill", "executed")
        until(lambda: not [a for a in s.json("alerts") if a["kind"] == "source_stale"], "the alert is over")

    def arms(self, base, arm):
        def one(revenue, **more):
            return py(reporter("0.000010", revenue), ready="notify", max_instances=1,
                      economics={**economics("0.0001"), **more})
        # Neither return moves anything by itself: between 0 and 300 %.
        s = self.run_with({"base": one(base), "arm": one(arm, arm_of="base")}, settings=settings("threshold"))
        s.wait_up("base")
        s.wait_up("arm")
        s.ok("autonomous", "enable")
        return s

    def test_the_better_arm_takes_the_place_of_the_other(self):
        """issue 5.1: optimise as an A/B arm"""
        s = self.arms("0.000011", "0.000039")
        won = self.decided(s, "arm", "optimise", "executed")
        self.assertEqual((won["rule"], won["resolved_by"]), ("arm", "engine"))
        s.wait_state("base", "stopped")
        s.wait_up("arm")
        # Both arms' runs are read again from the ledger, also when both have gone on and the supervisor is another.
        s.kill9()
        s.start()
        self.assertRegex(s.ok("decisions", "show", str(won["id"]), "--replay"),
                         r"and [1-9]\d* pairs of both arms: the same, byte for byte")
        again = s.json("decisions", "show", str(won["id"]), "--replay")
        self.assertTrue(again["same"])
        self.assertGreaterEqual(again["pairs"], 20)

    def test_the_worse_arm_is_killed(self):
        """issue 5.1: optimise as an A/B arm"""
        s = self.arms("0.000039", "0.000011")
        lost = self.decided(s, "arm", "kill", "executed")
        self.assertEqual(lost["rule"], "arm")
        self.assertIn("pairs of both arms: the same", s.ok("decisions", "show", str(lost["id"]), "--replay"))
        s.wait_state("arm", "stopped")
        s.wait_up("base")

    def test_what_is_refused_stays_refused_and_autonomy_is_durable(self):
        """issue 5: 4, 5"""
        s = self.run_with({"loser": fleet()["loser"]}, settings=settings("threshold"))
        s.wait_up("loser")
        asked = self.decided(s, "loser", "kill", "pending")
        self.assertIn("autonomy is off", asked["route_reason"])
        self.assertEqual(s.cli("reject", str(asked["id"])).code, 2, "a reason is needed")
        s.ok("reject", str(asked["id"]), "--reason", "it is a test")
        self.assertEqual(s.cli("approve", str(asked["id"])).code, 8)
        self.assertEqual(s.json("autonomous", "run")["decisions"], [])
        with open(os.path.join(s.state, "halt"), "w"):
            pass
        s.ok("autonomous", "enable")
        status = s.json("autonomous", "status")
        self.assertTrue(status["halted"])
        self.assertFalse(status["enabled"])
        s.kill9()
        s.start()
        os.unlink(os.path.join(s.state, "halt"))
        self.assertTrue(s.json("autonomous", "status")["enabled"], "durable")
        alerts = until(lambda: [a for a in s.json("alerts") if a["kind"] == "negative_roi"] or None, "an alert")
        s.ok("alerts", "ack", str(alerts[0]["id"]))
        self.assertEqual([a["state"] for a in s.json("alerts") if a["id"] == alerts[0]["id"]], ["acknowledged"])

    def test_a_pinned_worker_is_left_alone(self):
        """issue 5: 4"""
        s = self.run_with({"loser": fleet()["loser"]}, settings=settings("threshold"))
        s.wait_up("loser")
        s.ok("scale", "loser=1", "--pin")
        s.ok("autonomous", "enable")
        held = self.decided(s, "loser", "kill", "withheld")
        self.assertIn("pinned", held["route_reason"])
        self.assertEqual(s.state_of("loser"), s.wait_up("loser")["state"])


class Imagined(SystemTest):
    FLEET = {"budget_usd": "60", "days": 30, "workers": [
        {"name": name, "cost_usd": "0.50", "price_usd": "20", "conversion_percent": percent}
        for name, percent in (("good", 6.25), ("fair", 5), ("bad", 0.5))]}

    def test_a_fleet_that_does_not_exist_yet_is_tried(self):
        """issue 5.8: simulate --portfolio, -o json, the same seed gives the same result, progress on a terminal"""
        s = self.prepare()
        path = s.path("fleet.json")
        with open(path, "w") as file:
            json.dump(self.FLEET, file)
        ask = ("simulate", "--portfolio", path, "--repetitions", "40")
        rows = {row["policy"]: row for row in s.json(*ask)}
        self.assertEqual(list(rows), ["equal", "threshold", "evidence", "water_filling", "oracle"])
        self.assertEqual(rows, {row["policy"]: row for row in s.json(*ask, "--seed", "1")})
        self.assertNotEqual(rows, {row["policy"]: row for row in s.json(*ask, "--seed", "2")})
        net = {policy: float(row["net_usd"]) for policy, row in rows.items()}
        self.assertGreater(net["oracle"], net["equal"])
        self.assertGreater(net["water_filling"], net["equal"])
        self.assertGreater(rows["threshold"]["good_stopped"], rows["evidence"]["good_stopped"])
        self.assertIn("water_filling", s.ok(*ask))
        for broken in ("{}", '{"budget_usd":"0","workers":[]}', '{"budget_usd":"1","workers":[{"name":"a"}]}'):
            with open(path, "w") as file:
                file.write(broken)
            self.assertEqual(s.cli(*ask).code, 2, broken)

    def test_on_a_terminal_it_says_how_far_it_is(self):
        """issue 5.8: a progress bar"""
        s = self.prepare()
        path = s.path("fleet.json")
        with open(path, "w") as file:
            json.dump(self.FLEET, file)
        ours, theirs = pty.openpty()
        process = subprocess.Popen(s.command("simulate", "--portfolio", path, "--repetitions", "20"),
                                   stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        said = b""
        try:
            while chunk := os.read(ours, 65536):
                said += chunk
        except OSError:
            # What a terminal says when the last of its users is gone.
            pass
        os.close(ours)
        self.assertEqual(process.wait(timeout=30), 0, said)
        self.assertIn(b"100 of 100, 100 % courses", said)


class OwnUser(SystemTest):
    READ, ACT = test_cli_api.Roles.READ, test_cli_api.Roles.ACT
    with_groups, ask = test_cli_api.Roles.with_groups, test_cli_api.Roles.ask

    def test_the_user_of_a_worker_may_not_approve_what_is_asked_about_it(self):
        """issue 5.5: whatever groups that user is in"""
        s = self.with_groups({"dear": {**fleet()["dear"], "user": "nobody", "directory": "/"}}, actors="nobody",
                             settings=settings("threshold"))
        s.wait_up("dear")
        path = "/v1/decisions/%d/approve"
        asked = until(lambda: next((r for r in s.json("decisions", "--worker", "dear") if r["state"] == "pending"), None),
                      lambda: s.json("decisions", "--would"))
        for verb, body in (("approve", {}), ("reject", {"reason": "let me"})):
            status, text = self.ask(s, "POST", f"/v1/decisions/{asked['id']}/{verb}", body, groups=[self.ACT])
            self.assertEqual(status, 403, text)
        self.assertIn("runs as this user", text)
        self.assertTrue(s.events("api.denied"))
        # The same group, another user.
        status, text = self.ask(s, "POST", path % asked["id"], {}, user=65533, groups=[self.ACT])
        self.assertEqual(status, 200, text)
