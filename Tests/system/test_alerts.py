"""Alert channels against servers that behave badly, and an outbox that survives kill -9."""

import email.utils
import hashlib
import hmac
import json
import os
import shutil
import tempfile
import time
import urllib.parse

from edge import Edge
from harness import SystemTest, read, steady, until
from sinks import MailSink, Sink, Telling, certificate

SECRET = "s3cr3t-token-value"


def outbox(edge):
    return json.loads(read(os.path.join(edge.state, "outbox.json"), "{}"))


class Channels(SystemTest):
    """interface: `novasup alerts test CHANNEL` says whether the service took the message."""

    def channels(self, channels, secrets=None):
        s = self.prepare({"a": steady()})
        path = os.path.join(s.base, "edge.env")
        with open(path, "w", opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
            f.writelines(f"{name}={value}\n" for name, value in (secrets or {}).items())
        s.environment["NOVA_EDGE_SECRETS"] = path
        s.write("supervisor.yaml", {"alerts": {"channels": channels}})
        s.start()
        edge = Edge(s).launch()
        until(lambda: outbox(edge).get("cursor"), edge.said)
        return s, edge

    def sink(self, *script, **keys):
        sink = Sink(*script, **keys)
        self.addCleanup(sink.close)
        return sink

    def test_each_service_gets_its_own_form(self):
        slack, hook, twilio, pager, grid = (
            self.sink(body=b'{"ok":true}'), self.sink(), self.sink(status=201), self.sink(status=202), self.sink(status=202))
        n8n, mail = self.sink(), MailSink()
        self.addCleanup(mail.close)
        told = os.path.join(tempfile.mkdtemp(), "told")
        self.addCleanup(shutil.rmtree, os.path.dirname(told))
        s, edge = self.channels({
            "chat": {"kind": "slack", "secret": "TOKEN", "to": ["#ops"], "url": slack.url},
            "hook": {"kind": "slack", "secret": "HOOK"},
            "phone": {"kind": "twilio", "account": "AC1", "secret": "TOKEN", "from": "+15550100", "to": ["+15550101", "+15550102"], "url": twilio.url},
            "pager": {"kind": "pagerduty", "secret": "TOKEN", "url": pager.url},
            "grid": {"kind": "sendgrid", "secret": "TOKEN", "from": "n@example.com", "to": ["o@example.com"], "url": grid.url},
            "n8n": {"kind": "webhook", "url": n8n.url + "/webhook/x", "secret": "TOKEN"},
            "mail": {"kind": "smtp", "url": mail.url, "from": "n@example.com", "to": ["o@example.com"]},
            "script": {"kind": "command", "command": ["/bin/sh", "-c", f'echo "$0 $1 $3" > {told}']},
            "log": {"kind": "journal"},
        }, {"TOKEN": SECRET, "HOOK": hook.url + "/services/T/B/X"})
        for name in ("chat", "hook", "phone", "pager", "grid", "n8n", "mail", "script", "log"):
            self.assertIn(f"{name}: delivered", s.ok("alerts", "test", name))
        path, headers, data, _ = slack.requests[0]
        self.assertEqual((path, headers["Authorization"], json.loads(data)["channel"]), ("/chat.postMessage", f"Bearer {SECRET}", "#ops"))
        self.assertEqual(hook.requests[0][0], "/services/T/B/X")
        path, headers, data, _ = twilio.requests[0]
        self.assertEqual(path, "/2010-04-01/Accounts/AC1/Messages.json")
        self.assertTrue(headers["Authorization"].startswith("Basic "))
        self.assertEqual([urllib.parse.parse_qs(data.decode())["To"] for _, _, data, _ in twilio.requests],
                         [["+15550101"], ["+15550102"]], "one request reaches one phone")
        self.assertEqual(pager.json()[0]["event_action"], "trigger")
        self.assertEqual(grid.json()[0]["personalizations"], [{"to": [{"email": "o@example.com"}]}])
        _, headers, data, _ = n8n.requests[0]
        time, code = headers["X-Nova-Signature"].removeprefix("t=").split(",v1=")
        self.assertEqual(code, hmac.new(SECRET.encode(), f"{time}.".encode() + data, hashlib.sha256).hexdigest())
        envelope, text = mail.mails[0]
        self.assertEqual(envelope, ["MAIL FROM:<n@example.com>", "RCPT TO:<o@example.com>"])
        self.assertIn("Subject: [nova ", text)
        self.assertTrue(read(told).startswith("test info a test of the channel script"), read(told))
        # A secret is in nothing that anybody may read.
        for text in (edge.said(), json.dumps(s.api("GET", "/v1/events?limit=1000")[1]), json.dumps(s.api("GET", "/v1/edge")[1]),
                     read(os.path.join(edge.state, "outbox.json"))):
            self.assertNotIn(SECRET, text)
            self.assertNotIn("services/T/B/X", text)

    def test_a_service_that_refuses_is_said_in_its_words(self):
        wrong, silent = self.sink("401", body=f"bad {SECRET}".encode()), self.sink(body=b'{"ok":false,"error":"invalid_auth"}')
        s, edge = self.channels({
            "grid": {"kind": "sendgrid", "secret": "TOKEN", "from": "n@example.com", "to": ["o@example.com"], "url": wrong.url},
            "chat": {"kind": "slack", "secret": "TOKEN", "to": ["#ops"], "url": silent.url},
            "none": {"kind": "pagerduty", "secret": "NOT_THERE", "url": wrong.url},
        }, {"TOKEN": SECRET})
        answer = s.cli("alerts", "test", "grid")
        self.assertExit(answer, 1, "status 401", "[redacted]")
        self.assertNotIn(SECRET, answer.err)
        self.assertExit(s.cli("alerts", "test", "chat"), 1, "invalid_auth")
        self.assertExit(s.cli("alerts", "test", "nobody"), 2, "there is no channel nobody", "grid, chat, none")
        self.assertEqual(len(wrong.requests), 1, "what is refused for good is not tried again")

    def test_slow_reset_500_and_429_are_tried_again(self):
        sinks = {"reset": self.sink("reset", "ok"), "busy": self.sink("429 1", "ok"), "broken": self.sink("500", "ok"),
                 "dated": self.sink("503 " + email.utils.formatdate(time.time() + 1, usegmt=True), "ok")}
        s, edge = self.channels({name: {"kind": "webhook", "url": sink.url} for name, sink in sinks.items()})
        for name, sink in sinks.items():
            self.assertIn("delivered", s.ok("alerts", "test", name))
            first, second = sink.json()
            self.assertEqual(first["event_id"], second["event_id"], "the same message")
            self.assertEqual([first["attempt"], second["attempt"]], [1, 2])

    def test_a_service_that_never_answers_is_tried_again(self):
        silent = self.sink("slow", "ok")
        s, edge = self.channels({"hook": {"kind": "webhook", "url": silent.url}})
        self.assertIn("delivered", s.ok("alerts", "test", "hook"))
        self.assertEqual([body["attempt"] for body in silent.json()], [1, 2])

    def test_wrong_tls_is_never_spoken_to(self):
        own = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, own)
        sink = self.sink(certificate=certificate(own))
        s, edge = self.channels({
            "blind": {"kind": "webhook", "url": sink.url}, "known": {"kind": "webhook", "url": sink.url, "trust": f"{own}/cert.pem"}})
        self.assertExit(s.cli("alerts", "test", "blind"), 1, "given up")
        self.assertEqual(sink.requests, [])
        s.ok("alerts", "test", "known")

    def test_a_mail_server_that_says_later(self):
        mail, strict = MailSink(["451 try again"]), MailSink(["550 never"] * 9)
        self.addCleanup(mail.close)
        self.addCleanup(strict.close)
        s, edge = self.channels({name: {"kind": "smtp", "url": sink.url, "from": "n@example.com", "to": ["o@example.com"]}
                                 for name, sink in (("mail", mail), ("strict", strict))})
        s.ok("alerts", "test", "mail")
        self.assertEqual(len(mail.mails), 1)
        self.assertExit(s.cli("alerts", "test", "strict"), 1, "the mail server said 550")
        self.assertEqual(len(strict.refusals), 8, "what is refused for good is not tried again")

    def test_an_alert_of_the_supervisor_is_told_and_called_off(self):
        hook, pager = self.sink(), self.sink(status=202)
        s, edge = self.channels({"hook": {"kind": "webhook", "url": hook.url},
                                 "pager": {"kind": "pagerduty", "secret": "TOKEN", "url": pager.url}}, {"TOKEN": SECRET})
        s.kill9()
        s.start()
        until(lambda: hook.taken() and pager.json(), lambda: f"{edge.said()} {s.cli('alerts').out}")
        raised = hook.taken()[0]
        self.assertEqual((raised["action"], raised["kind"], raised["worker"]), ("raise", "supervisor_restarted", None))
        number = json.loads(s.ok("alerts", "-o", "json"))[0]["id"]
        s.ok("alerts", "ack", str(number))
        until(lambda: len(hook.taken()) == 2 and len(pager.json()) == 2, edge.said)
        self.assertEqual([body["action"] for body in hook.taken()], ["raise", "resolve"])
        self.assertEqual(hook.taken()[1]["severity"], raised["severity"])
        self.assertEqual([body["event_action"] for body in pager.json()], ["trigger", "resolve"])
        self.assertEqual(*[body["dedup_key"] for body in pager.json()])

    def test_bad_channels_are_refused_with_their_place(self):
        s = self.run_with({"a": steady()})
        for alerts, said in (
                ({"channels": {"x": {"kind": "slack"}}}, "needs secret"),
                ({"channels": {"x": {"kind": "slak", "secret": "A"}}}, "did you mean 'slack'"),
                ({"channels": {"x": {"kind": "journal", "url": "http://x/"}}}, "has no such key"),
                ({"channels": {"x": {"kind": "webhook", "url": "http://user:pass@x/"}}}, "not an address"),
                ({"channels": {"x": {"kind": "journal", "quiet_hours": "25:00-07:00"}}}, "not a part of the day"),
                ({"channels": {"x": {"kind": "journal"}}, "routes": [{"channels": ["y"]}]}, "there is no channel 'y'"),
                ({"channel": {}}, "did you mean 'channels'")):
            s.write("supervisor.yaml", {"alerts": alerts})
            self.assertExit(s.cli("reload"), 1, "supervisor.yaml:", said)


class Outbox(SystemTest):
    """An alert that was taken in reaches its channel, whatever is killed meanwhile; one message an incident."""

    def telling(self, channels, routes=(), secrets=None):
        s = self.prepare()
        path = os.path.join(s.base, "edge.env")
        with open(path, "w", opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
            f.writelines(f"{name}={value}\n" for name, value in (secrets or {}).items())
        s.environment["NOVA_EDGE_SECRETS"] = path
        self.addCleanup(shutil.rmtree, s.base, True)
        full = [{"url": None, "secret": None, "account": None, "from": None, "to": [], "command": [], "trust": None,
                 "interval_seconds": None, "quiet_hours": None, **channel} for channel in channels]
        telling = Telling(s.base, full, routes)
        self.addCleanup(telling.close)
        s.socket = telling.socket
        edge = Edge(s).launch()
        until(lambda: outbox(edge).get("cursor"), edge.said)
        return telling, edge

    def test_a_message_under_way_survives_kill_9(self):
        sink = Sink("500", "500", "slow", "ok")
        self.addCleanup(sink.close)
        telling, edge = self.telling([{"name": "hook", "kind": "webhook", "url": sink.url}])
        number = telling.tell("alert.raised", "a loses money", worker="a", severity="critical", kind="low_roi")
        until(lambda: len(sink.requests) >= 1, lambda: f"a first try: {edge.said()}")
        edge.kill9()
        edge.launch()
        # The third try is held by the server: killed in the middle of it.
        until(lambda: len(sink.requests) >= 3, lambda: f"it goes on: {edge.said()} {sink.requests}")
        edge.kill9()
        edge.launch()
        until(lambda: sink.taken(), lambda: f"it arrives: {edge.said()}")
        until(lambda: [r for r in telling.reports if r["ok"]], "its arrival is told")
        self.assertEqual({body["event_id"] for body in sink.json()}, {sink.json()[0]["event_id"]})
        self.assertEqual({body["action"] for body in sink.json()}, {"raise"})
        telling.tell("alert.resolved", "a is well", worker="a", severity="critical", kind="low_roi")
        until(lambda: any(body["action"] == "resolve" for body in sink.taken()), "the end is told")
        edge.kill9()
        edge.launch()
        telling.tell("alert.raised", "b", worker="b", severity="critical", kind="low_roi")
        until(lambda: any(body["worker"] == "b" for body in sink.taken()), "the next one")
        told = [(body["worker"], body["action"]) for body in sink.taken()]
        self.assertEqual(told[-2:], [("a", "resolve"), ("b", "raise")], "nothing is told twice after a restart")
        self.assertGreater(number, 1)

    def test_an_incident_is_one_message_however_often_it_is_said(self):
        sink = Sink()
        self.addCleanup(sink.close)
        telling, edge = self.telling([{"name": "hook", "kind": "webhook", "url": sink.url}])
        for _ in range(5):
            telling.tell("alert.raised", "again", worker="a", severity="warning", kind="crash_rate")
        telling.tell("alert.resolved", "over", worker="a", severity="warning", kind="crash_rate")
        until(lambda: any(body["action"] == "resolve" for body in sink.json()), edge.said)
        self.assertEqual([body["action"] for body in sink.json()], ["raise", "resolve"])

    def test_quiet_hours_hold_back_all_but_the_critical(self):
        sink = Sink()
        self.addCleanup(sink.close)
        minute = int(time.time() // 60) % 1440
        quiet = {"from": (minute - 60) % 1440, "until": (minute + 60) % 1440, "timezone": "UTC"}
        telling, edge = self.telling([{"name": "hook", "kind": "webhook", "url": sink.url, "quiet_hours": quiet}])
        telling.tell("alert.raised", "it can wait", worker="a", severity="warning", kind="x")
        telling.tell("alert.raised", "it cannot", worker="b", severity="critical", kind="x")
        until(lambda: [r for r in telling.reports if r["ok"]], edge.said)
        edge.kill9()
        edge.launch()
        telling.tell("alert.resolved", "over before anybody was told", worker="a", severity="warning", kind="x")
        telling.tell("alert.raised", "another", worker="c", severity="critical", kind="x")
        until(lambda: len(sink.taken()) == 2, edge.said)
        self.assertEqual([body["worker"] for body in sink.taken()], ["b", "c"])
        until(lambda: outbox(edge)["deliveries"] == [], "what is over is not kept for the morning")

    def test_many_at_once_become_few_messages(self):
        sink = Sink()
        self.addCleanup(sink.close)
        telling, edge = self.telling([{"name": "chat", "kind": "slack", "secret": "HOOK", "interval_seconds": 1.0}],
                                     secrets={"HOOK": sink.url + "/hook"})
        for number in range(12):
            telling.tell("alert.raised", "down", worker=f"w{number}", severity="warning", kind="x")
        told = lambda: "".join(body["text"] for body in sink.json())  # noqa: E731
        until(lambda: all(f"w{number}:" in told() for number in range(12)), lambda: f"{edge.said()} {told()}")
        self.assertLessEqual(len(sink.requests), 4)
        self.assertIn("alerts:", told())

    def test_alerts_while_the_edge_was_away_are_sent_when_it_is_back(self):
        sink = Sink()
        self.addCleanup(sink.close)
        telling, edge = self.telling([{"name": "hook", "kind": "webhook", "url": sink.url}])
        telling.tell("alert.raised", "first", worker="a", severity="warning", kind="x")
        # Its delivery is told when it is off the outbox: killed before that, it would come a second time.
        until(lambda: [r for r in telling.reports if r["ok"]], edge.said)
        edge.kill9()
        telling.tell("alert.raised", "second", worker="b", severity="warning", kind="x")
        edge.launch()
        until(lambda: len(sink.taken()) == 2, edge.said)
        self.assertEqual([body["worker"] for body in sink.taken()], ["a", "b"])
