"""nova-edge: the API on TCP with tokens and roles, logins of the page, and that nobody misses it when it is gone."""

import json
import os
import re
import socket
import threading
import time

from edge import Edge, make_token, with_edge
from harness import SystemTest, alive, free_port, is_free, read, steady, until


class OnTCP(SystemTest):
    """interface.md: nova-edge serves the same with tokens on TCP when edge.listen is set."""

    def test_no_token_no_access(self):
        s, edge, tokens = with_edge(self, {"a": steady()})
        for path in ("/v1/workers", "/v1/status", "/metrics", "/v1/events", "/v1/openapi.json", "/v1/nothing"):
            status, headers, body = edge.ask("GET", path)
            self.assertEqual((status, body["error"]["code"]), (401, "denied"), path)
            self.assertEqual(headers["WWW-Authenticate"], "Bearer")
        self.assertEqual(edge.ask("GET", "/v1/workers", token="nova_" + "0" * 64)[0], 401)
        self.assertEqual(edge.ask("POST", "/v1/actions", {"targets": ["a"], "action": "stop"})[0], 401)
        # The headers by which the edge speaks for others are worth nothing from outside.
        for headers in ({"X-Nova-Role": "act"}, {"X-Nova-Role": "act", "X-Nova-Actor": "token:x"}):
            self.assertEqual(edge.ask("GET", "/v1/workers", headers=headers)[0], 401)
        self.assertIn(s.state_of("a"), ("running", "ready"))

    def test_a_role_is_what_the_supervisor_sees(self):
        s, edge, tokens = with_edge(self, {"a": steady()})
        pid = s.wait_up("a")["pid"]
        status, _, rows = edge.ask("GET", "/v1/workers", token=tokens["read"])
        self.assertEqual((status, [row["pid"] for row in rows]), (200, [pid]))
        stop = {"targets": ["a"], "action": "stop"}
        status, _, body = edge.ask("POST", "/v1/actions", stop, token=tokens["read"])
        self.assertEqual((status, body["error"]["code"]), (403, "denied"))
        # A reader cannot raise itself by the edge's own headers.
        status, _, body = edge.ask("POST", "/v1/actions", stop, {"X-Nova-Role": "act"}, token=tokens["read"])
        self.assertEqual((status, body["error"]["code"]), (403, "denied"))
        self.assertTrue(alive(pid))
        status, _, body = edge.ask("POST", "/v1/actions", stop, token=tokens["act"])
        self.assertEqual((status, body["results"][0]["ok"]), (200, True), body)
        s.wait_state("a", "stopped")
        events = s.api("GET", "/v1/events?worker=a&limit=50")[1]
        self.assertIn("token:act", [event["actor"] for event in events])
        denied = s.api("GET", "/v1/events?type=api.denied")[1]
        self.assertIn("token:read", [event["actor"] for event in denied])

    def test_answers_are_the_supervisors(self):
        s, edge, tokens = with_edge(self, {"a": steady(), "b": steady(instances=2)})
        for name in ("a", "b"):
            s.wait_up(name)
        for path in ("/v1/version", "/v1/openapi.json", "/v1/workers/a", "/v1/workers/nobody", "/v1/nothing",
                     "/v1/events?limit=x", "/v1/health"):
            there, here = s.api("GET", path), edge.ask("GET", path, token=tokens["read"])
            self.assertEqual(there[0], here[0], path)
            if path not in ("/v1/workers/a", "/v1/health"):
                self.assertEqual(there[1], here[2], path)
        status, headers, text = edge.ask("GET", "/metrics", token=tokens["read"])
        self.assertEqual(status, 200)
        self.assertIn("version=0.0.4", headers["Content-Type"])
        self.assertIn(b"nova_instances", text)
        # What only the edge asks is not for the network.
        for method, path in (("GET", "/v1/edge"), ("POST", "/v1/logins"), ("POST", "/v1/logins/redeem")):
            self.assertEqual(edge.ask(method, path, "{}" if method == "POST" else None, token=tokens["act"])[0], 403)

    def test_every_answer_has_the_safety_headers(self):
        _, edge, tokens = with_edge(self)
        for path, token in (("/", None), ("/nothing", None), ("/v1/workers", None), ("/v1/workers", tokens["read"]),
                            ("/session", None), ("/page/main.js", None)):
            _, headers, _ = edge.ask("GET", path, token=token)
            policy = headers["Content-Security-Policy"]
            self.assertIn("default-src 'none'", policy, path)
            self.assertNotIn("unsafe", policy, path)
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff", path)

    def test_events_stream_through_and_resume(self):
        s, edge, tokens = with_edge(self, {"a": steady()})
        s.wait_up("a")
        last = s.api("GET", "/v1/events?limit=1")[1][-1]["id"]
        connection = edge.connection()
        connection.request("GET", "/v1/events?follow=1", headers={
            "Authorization": f"Bearer {tokens['read']}", "Last-Event-ID": str(last)})
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["Content-Type"], "text/event-stream")
        s.ok("stop", "a")
        s.ok("start", "a")
        seen = []
        while not any(event["type"] == "instance.started" for event in seen) and len(seen) < 40:
            line = answer.readline().decode()
            if line.startswith("data: "):
                seen.append(json.loads(line[6:]))
        connection.close()
        ids = [event["id"] for event in seen]
        self.assertEqual(ids, list(range(last + 1, last + 1 + len(ids))), "without gap or repeat")

    def test_a_slow_or_huge_client_holds_nobody_up(self):
        s, edge, tokens = with_edge(self)
        half = socket.create_connection(("127.0.0.1", edge.port))
        half.sendall(b"GET /v1/workers HTTP/1.1\r\nHost: x\r\n")
        self.assertEqual(edge.ask("GET", "/v1/workers", token=tokens["read"])[0], 200)
        half.close()
        status, _, body = edge.ask("POST", "/v1/actions", "x" * 300_000, token=tokens["act"])
        self.assertEqual((status, body["error"]["code"]), (413, "too_large"))

    def test_too_many_requests_are_told_when_to_come_back(self):
        s, edge, tokens = with_edge(self)
        codes = []
        for _ in range(60):
            status, headers, _ = edge.ask("GET", "/v1/version", token="nova_wrong")
            codes.append(status)
            if status == 429:
                self.assertGreaterEqual(int(headers["Retry-After"]), 1)
                break
        self.assertIn(429, codes)
        self.assertEqual(edge.ask("GET", "/v1/version", token=tokens["read"])[0], 200, "a good token still counts")


    def test_a_good_token_that_asks_without_end_is_told_when_to_come_back(self):
        """docs/reference/api.md: 200 times at once and 50 times a second"""
        s, edge, tokens = with_edge(self)
        connection, good = edge.connection(), 0
        self.addCleanup(connection.close)

        def ask():
            connection.request("GET", "/v1/version", headers={"Authorization": f"Bearer {tokens['read']}"})
            answer = connection.getresponse()
            answer.read()
            return answer

        deadline = time.monotonic() + 60
        while (answer := ask()).status == 200 and time.monotonic() < deadline:
            good += 1
        self.assertEqual(answer.status, 429)
        self.assertGreaterEqual(good, 200)
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        self.assertEqual(edge.ask("GET", "/v1/version", token=tokens["act"])[0], 200, "another token is not held up")
        until(lambda: ask().status == 200, "it comes back")


class TokenFiles(SystemTest):
    """The token file is believed only while nobody else can read it."""

    def test_a_file_that_others_can_read_lets_nobody_in(self):
        s, edge, tokens = with_edge(self)
        path = os.path.join(s.config, "tokens")
        os.chmod(path, 0o644)
        os.utime(path)
        until(lambda: edge.ask("GET", "/v1/version", token=tokens["read"])[0] == 401, "the file is refused")
        self.assertIn("chmod 600", edge.said())
        os.chmod(path, 0o600)
        os.utime(path)
        until(lambda: edge.ask("GET", "/v1/version", token=tokens["read"])[0] == 200, "it counts again")

    def test_a_token_that_is_taken_out_is_out_at_once(self):
        s, edge, tokens = with_edge(self)
        path = os.path.join(s.config, "tokens")
        kept = [line for line in read(path).splitlines() if line.startswith("act ")]
        with open(path, "w") as f:
            f.write("\n".join(kept) + "\n")
        self.assertEqual(edge.ask("GET", "/v1/version", token=tokens["read"])[0], 401)
        self.assertEqual(edge.ask("GET", "/v1/version", token=tokens["act"])[0], 200)
        with open(path, "a") as f:
            f.write("half a line\n")
        self.assertEqual(edge.ask("GET", "/v1/version", token=tokens["act"])[0], 401)
        self.assertIn("tokens:2:", edge.said())


class Logins(SystemTest):
    """novasup dashboard prints the page's address with a one-time login."""

    def test_a_link_logs_in_once(self):
        s, edge, _ = with_edge(self, {"a": steady()})
        url = s.ok("dashboard").strip()
        found = re.fullmatch(rf"http://127\.0\.0\.1:{edge.port}/#login=([0-9a-f]{{64}})", url)
        self.assertTrue(found, url)
        status, cookie, body = edge.log_in(code=found.group(1))
        self.assertEqual((status, body["role"], body["actor"]), (200, "act", "login:uid:0"), body)
        self.assertEqual(edge.ask("GET", "/v1/workers", cookie=cookie)[0], 200)
        self.assertEqual(edge.log_in(code=found.group(1))[0], 401, "a second time it is worth nothing")
        self.assertEqual(edge.ask("GET", "/session", cookie=cookie)[2]["actor"], "login:uid:0")
        # It outlives the edge, which keeps nothing, and ends with its key.
        edge.kill9()
        edge.start()
        self.assertEqual(edge.ask("GET", "/v1/workers", cookie=cookie)[0], 200)
        edge.kill9()
        os.unlink(os.path.join(edge.state, "session.key"))
        edge.start()
        self.assertEqual(edge.ask("GET", "/v1/workers", cookie=cookie)[0], 401)

    def test_another_site_cannot_use_the_session(self):
        s, edge, tokens = with_edge(self, {"a": steady()})
        status, cookie, _ = edge.log_in(token=tokens["act"])
        self.assertEqual(status, 200)
        stop = {"targets": ["a"], "action": "stop"}
        for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"},
                        {"Origin": edge.origin, "Sec-Fetch-Site": "cross-site"}):
            status, _, body = edge.ask("POST", "/v1/actions", stop, headers, cookie=cookie)
            self.assertEqual((status, body["error"]["code"]), (403, "denied"), headers)
        self.assertIn(s.state_of("a"), ("running", "ready"))
        self.assertEqual(
            edge.ask("POST", "/v1/actions", stop, {"Origin": edge.origin}, cookie=cookie)[0], 200)

    def test_what_is_no_login_is_refused(self):
        _, edge, tokens = with_edge(self)
        for attempt in ({"token": "nova_0"}, {"code": "0" * 64}, {}):
            self.assertEqual(edge.log_in(**attempt)[0], 401, attempt)
        self.assertEqual(edge.log_in(other="x")[0], 400)
        self.assertEqual(edge.ask("POST", "/session", {"token": tokens["act"]})[0], 403, "without an origin")

    def test_without_a_page_there_is_a_sentence(self):
        s = self.run_with()
        self.assertExit(s.cli("dashboard"), 8, "edge.listen is not set")


class Absence(SystemTest):
    """Killing it disturbs nothing; without edge.listen there is no TCP at all."""

    def test_kill_9_of_the_edge_touches_no_worker(self):
        s, edge, tokens = with_edge(self, {"a": steady()})
        before = s.wait_up("a")
        edge.kill9()
        self.assertEqual(s.row("a")["pid"], before["pid"])
        s.ok("restart", "a")
        after = s.wait_new_pid("a", before["pid"])
        edge.start()
        rows = edge.ask("GET", "/v1/workers", token=tokens["read"])[2]
        self.assertEqual(rows[0]["pid"], after["pid"])

    def test_a_supervisor_that_is_away_is_said_and_waited_for(self):
        s, edge, tokens = with_edge(self, {"a": steady()})
        pid = s.wait_up("a")["pid"]
        s.kill9()
        status, headers, body = edge.ask("GET", "/v1/workers", token=tokens["read"])
        self.assertEqual((status, body["error"]["code"]), (502, "unavailable"))
        self.assertEqual(headers["Retry-After"], "1")
        self.assertEqual(edge.ask("GET", "/")[0], 200, "the page itself is there")
        s.start()
        until(lambda: edge.ask("GET", "/v1/workers", token=tokens["read"])[0] == 200, "it passes on again")
        self.assertEqual(s.row("a")["pid"], pid)

    def test_no_listen_no_port(self):
        s = self.run_with({"a": steady()})
        edge = Edge(s).launch()
        until(lambda: os.path.exists(os.path.join(edge.state, "session.key")), edge.said)
        self.assertEqual(ports_of(edge.process.pid), [])
        port = free_port()
        s.write("supervisor.yaml", {"edge": {"listen": f"127.0.0.1:{port}"}})
        s.ok("reload")
        edge.port = port
        until(lambda: not is_free(port), lambda: f"a reload opens the port: {edge.said()}")
        self.assertEqual(edge.ask("GET", "/healthz")[0], 200)
        self.assertEqual(ports_of(s.pid), [], "the supervisor itself listens on no port")
        s.write("supervisor.yaml", {})
        s.ok("reload")
        until(lambda: is_free(port), "a reload closes the port")
        self.assertEqual(ports_of(edge.process.pid), [])


def ports_of(pid):
    """TCP ports a process listens on."""
    sockets = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found = re.match(r"socket:\[(\d+)\]", os.readlink(f"/proc/{pid}/fd/{name}"))
        except OSError:
            continue
        if found:
            sockets.add(found.group(1))
    listening = []
    for table in ("tcp", "tcp6"):
        for line in read(f"/proc/{pid}/net/{table}", "").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in sockets:
                listening.append(int(fields[1].rsplit(":", 1)[1], 16))
    return listening
