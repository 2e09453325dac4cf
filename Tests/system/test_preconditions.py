"""Of two who change the same thing, the second learns that it is not as he has seen it: ETag and If-Match (RFC 9110)."""

import json
import signal

from edge import with_edge
from harness import QUICK, SystemTest, UnixHTTP, PATIENCE, steady, until


class Preconditions(SystemTest):
    def tag(self, s, path):
        """The ETag of a page."""
        connection = UnixHTTP(s.socket, PATIENCE)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            self.assertEqual(answer.status, 200, path)
            return answer.headers["ETag"]
        finally:
            connection.close()

    # What sets a value: the page that has it, the order, and an order by somebody else in between.
    SETTERS = [
        ("/v1/workers/a", "/v1/actions", {"targets": ["a"], "action": "scale", "count": 2}, {"counts": {"a": 3}, "targets": [], "action": "scale"}),
        ("/v1/workers/a@1", "/v1/actions", {"targets": ["a"], "action": "pause"}, {"targets": ["a"], "action": "stop"}),
        ("/v1/workers/a", "/v1/actions", {"targets": ["a"], "action": "resume"}, {"targets": ["a"], "action": "start", "wait": False}),
        ("/v1/workers/a", "/v1/actions", {"targets": ["a@2"], "action": "stop"}, {"targets": ["a@3"], "action": "stop"}),
        ("/v1/budgets", "/v1/budgets", {"worker": "a", "daily_usd": "5"}, {"daily_usd": "70"}),
        ("/v1/workers/a", "/v1/budgets", None, {"worker": "a", "total_usd": "9"}),
        ("/v1/autonomy", "/v1/autonomy", {"enabled": True}, {"enabled": False}),
        ("/v1/autonomy", "/v1/autonomy/sources", {"source": "stripe", "stale": True}, {"source": "gumroad", "stale": True}),
    ]

    def test_every_order_that_sets_a_value_holds_to_what_was_seen(self):
        s = self.run_with({"a": steady(max_instances=5, backoff=QUICK), "b": steady()})
        for page, path, order, between in self.SETTERS:
            with self.subTest(page=page, order=order or between):
                seen = self.tag(s, page)
                if order:
                    status, body = s.api("POST", path, order, {"If-Match": seen})
                    self.assertEqual(status, 200, body)
                    until(lambda: self.tag(s, page) != seen, "what was set changes the tag")
                    seen = self.tag(s, page)
                self.assertEqual(s.api("POST", path, between)[0], 200)
                self.assertNotEqual(self.tag(s, page), seen, "somebody else has set something")
                if order:
                    before = s.api("GET", page)[1]
                    status, body = s.api("POST", path, order, {"If-Match": seen})
                    self.assertEqual((status, body["error"]["code"], body["error"]["field"]), (412, "precondition_failed", "If-Match"))
                    after = s.api("GET", page)[1]
                    for key in ("instances_wanted", "wanted", "paused", "enabled", "ordered", "stale_sources"):
                        self.assertEqual(after.get(key), before.get(key), "what was refused has changed nothing")

    def test_readings_and_other_workers_do_not_change_it(self):
        s = self.run_with({"a": steady(), "b": steady()})
        seen = self.tag(s, "/v1/workers/a")
        s.ok("scale", "b=2")
        until(lambda: s.row("a")["cpu_percent"] is not None, "it was read meanwhile")
        self.assertEqual(self.tag(s, "/v1/workers/a"), seen)
        s.ok("kill", "a")
        s.wait_up("a")
        self.assertEqual(self.tag(s, "/v1/workers/a"), seen, "a restart sets nothing")

    def test_of_twenty_at_once_one_wins(self):
        s = self.run_with({"a": steady(max_instances=30, autostart=False)})
        seen = self.tag(s, "/v1/workers/a")
        # Standing still, it finds all of them in one turn.
        s.process.send_signal(signal.SIGSTOP)
        asked = {}
        for count in range(2, 22):
            asked[count] = UnixHTTP(s.socket, PATIENCE)
            order = {"targets": ["a"], "action": "scale", "count": count, "wait": False}
            asked[count].request("POST", "/v1/actions", json.dumps(order), {"Content-Type": "application/json", "If-Match": seen})
        s.process.send_signal(signal.SIGCONT)
        answers = [(connection.getresponse().status, count) for count, connection in asked.items()]
        for connection in asked.values():
            connection.close()
        winners = [count for status, count in answers if status == 200]
        self.assertEqual(len(winners), 1, answers)
        self.assertEqual({status for status, _ in answers}, {200, 412})
        self.assertEqual(s.api("GET", "/v1/workers/a")[1]["instances_wanted"], winners[0])

    def test_conditions_that_make_no_sense_change_nothing(self):
        s = self.run_with({"a": steady(), "b": steady()})
        pause = {"targets": ["a"], "action": "pause"}
        seen = self.tag(s, "/v1/workers/a")
        for status, path, order, condition in [
            (400, "/v1/actions", pause, "a"), (400, "/v1/actions", pause, '"a'), (400, "/v1/actions", pause, ""),
            (412, "/v1/actions", pause, '"0000000000000000"'), (412, "/v1/actions", pause, "W/" + seen),
            (400, "/v1/actions", {**pause, "targets": ["*"]}, "*"), (404, "/v1/actions", {**pause, "targets": ["nobody"]}, "*"),
            (412, "/v1/reload", {}, "*"), (412, "/v1/revenue", {"worker": "a", "amount_usd": "1", "id": "x"}, "*"),
        ]:
            with self.subTest(path=path, order=order, condition=condition):
                answer, body = s.api("POST", path, order, {"If-Match": condition})
                self.assertEqual(answer, status, body)
        self.assertEqual(self.tag(s, "/v1/workers/a"), seen)
        self.assertEqual(s.api("POST", "/v1/actions", pause, {"If-Match": f'"x", {seen}'})[0], 200)
        self.assertEqual(s.api("POST", "/v1/actions", {**pause, "action": "resume"}, {"If-Match": "*"})[0], 200)

    def test_it_goes_through_the_edge(self):
        s, edge, tokens = with_edge(self, {"a": steady(max_instances=3)})
        status, headers, body = edge.ask("GET", "/v1/workers/a", token=tokens["act"])
        self.assertEqual(headers["ETag"], self.tag(s, "/v1/workers/a"))
        order = {"targets": ["a"], "action": "scale", "count": 2}
        for expected in (200, 412):
            found = edge.ask("POST", "/v1/actions", order, {"If-Match": headers["ETag"]}, token=tokens["act"])
            self.assertEqual(found[0], expected, found[2])
