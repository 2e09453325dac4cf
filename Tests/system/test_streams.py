"""Followed events without gap or repeat however often the line breaks, pages by cursor, and clients that are slow on purpose."""

import http.client
import json
import random
import socket
import struct
import time

from edge import with_edge
from harness import PATIENCE, SystemTest, UnixHTTP, sh, steady, until

BUSY = {f"c{number}": sh("exit 0", mode="job", interval="200ms") for number in range(4)}


class Reader:
    """A client that follows, is cut off without a word, and comes back with the last id it has read whole."""

    def __init__(self, connect, headers, last):
        self.connect, self.headers, self.ids = connect, headers, [last]

    def read(self, most, seconds):
        """Up to so many events, for at most so long; then the connection is reset."""
        connection = self.connect()
        try:
            connection.request("GET", "/v1/events?follow=1", headers={**self.headers, "Last-Event-ID": str(self.ids[-1])})
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            connection.sock.settimeout(seconds)
            number = None
            for _ in range(most * 4):
                line = answer.readline().decode()
                if not line:
                    return
                if line.startswith("id: "):
                    number = int(line[4:])
                elif line.startswith("data: "):
                    assert json.loads(line[6:])["id"] == number
                    # An event is whole with its empty line.
                elif line == "\n" and number is not None:
                    self.ids.append(number)
                    number = None
        except (OSError, http.client.HTTPException):
            pass
        finally:
            if connection.sock:
                connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()


class Resuming(SystemTest):
    """interface: SSE resumes by Last-Event-ID."""

    def follow(self, s, connect, headers=None):
        first = s.api("GET", "/v1/events?limit=1")[1][-1]["id"]
        reader = Reader(connect, headers or {}, first)
        dice = random.Random(6)
        for turn in range(40):
            reader.read(dice.randint(1, 15), dice.choice([0.05, 0.2, 0.5]))
            if turn == 20:
                s.kill9()
                s.start()
        until(lambda: (reader.read(500, 1), reader.ids[-1] > first + 100)[1], lambda: f"events flow: {reader.ids[-5:]}")
        self.assertEqual(reader.ids, list(range(first, reader.ids[-1] + 1)), "without gap or repeat")
        self.figure = f"{len(reader.ids) - 1} events over 40 broken lines"

    def test_on_the_socket(self):
        s = self.run_with(BUSY)
        self.follow(s, lambda: UnixHTTP(s.socket, PATIENCE))

    def test_over_tcp(self):
        s, edge, tokens = with_edge(self, BUSY)
        self.follow(s, edge.connection, {"Authorization": f"Bearer {tokens['read']}"})

    def test_who_was_long_away_gets_everything_in_parts(self):
        s = self.run_with(BUSY)
        until(lambda: s.api("GET", "/v1/events?limit=1")[1][-1]["id"] > 2300, "two parts and more are there", 120)
        reader = Reader(lambda: UnixHTTP(s.socket, PATIENCE), {}, 0)
        until(lambda: (reader.read(3000, 1), reader.ids[-1] > 2300)[1], lambda: f"all of it: {reader.ids[-1]}")
        self.assertEqual(reader.ids, list(range(0, reader.ids[-1] + 1)))


class Pages(SystemTest):
    """Listings that grow are read page by page: `after` goes forward, `before` back."""

    def test_events_forward_and_back(self):
        s = self.run_with(BUSY)
        until(lambda: s.api("GET", "/v1/events?limit=1")[1][-1]["id"] > 60, "some events")
        end = s.api("GET", "/v1/events?limit=1")[1][-1]["id"]
        forward, cursor = [], 0
        while cursor < end:
            page = s.api("GET", f"/v1/events?after={cursor}&limit=7")[1]
            self.assertLessEqual(len(page), 7)
            forward += [row["id"] for row in page]
            cursor = page[-1]["id"]
        back, cursor = [], end + 1
        while page := s.api("GET", f"/v1/events?before={cursor}&limit=7")[1]:
            back = [row["id"] for row in page] + back
            cursor = page[0]["id"]
        self.assertEqual([number for number in forward if number <= end], list(range(1, end + 1)))
        self.assertEqual(back, list(range(1, end + 1)))
        self.assertEqual(s.api("GET", "/v1/events?before=5&follow=1")[0], 400)

    def test_entries_and_alerts(self):
        s = self.run_with({"a": steady()})
        for number in range(25):
            status, body = s.api("POST", "/v1/revenue", {"worker": "a", "amount_usd": "1.00", "id": f"x{number}"})
            self.assertEqual(status, 200, body)
        ids, cursor = [], 0
        while page := s.api("GET", f"/v1/entries?income=1&after={cursor}&limit=4")[1]:
            ids += [row["id"] for row in page]
            cursor = ids[-1]
        self.assertEqual(len(ids), 25)
        self.assertEqual(ids, sorted(set(ids)))
        s.kill9()
        s.start()
        until(lambda: s.json("alerts"), "an alert is there")
        newest = s.api("GET", "/v1/alerts?all=1&limit=1")[1][0]["id"]
        self.assertEqual(s.api("GET", f"/v1/alerts?all=1&before={newest}")[1], [])
        self.assertEqual([row["id"] for row in s.api("GET", f"/v1/alerts?all=1&before={newest + 1}&limit=1")[1]], [newest])


class SlowClients(SystemTest):
    """Whoever sends a byte now and then is put out, on the socket and over TCP, and meanwhile holds nobody up."""

    def test_a_request_must_be_whole_in_time(self):
        s, edge, tokens = with_edge(self, {"a": steady()})
        began = time.monotonic()
        slow = []
        for number in range(40):
            if number % 2:
                client = socket.create_connection(("127.0.0.1", edge.port))
            else:
                client = socket.socket(socket.AF_UNIX)
                client.connect(s.socket)
            client.setblocking(False)
            client.sendall(b"GET /v1/workers HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            slow.append(client)
        ended = {}

        def drip():
            for number, client in enumerate(slow):
                if number in ended:
                    continue
                try:
                    client.send(b"x")
                    if client.recv(4096) == b"":
                        ended[number] = time.monotonic() - began
                except BlockingIOError:
                    pass
                except OSError:
                    ended[number] = time.monotonic() - began
            asked = time.monotonic()
            self.assertEqual(s.api("GET", "/v1/workers")[0], 200)
            self.assertEqual(edge.ask("GET", "/healthz")[0], 200)
            self.assertLess(time.monotonic() - asked, 5, "others are answered meanwhile")
            time.sleep(0.3)
            return len(ended) == len(slow)

        until(drip, lambda: f"{len(slow) - len(ended)} of {len(slow)} are still there", 100)
        tcp, unix = ([ended[number] for number in range(40) if number % 2 == kind] for kind in (1, 0))
        self.assertLess(max(tcp), 45, "20 s over TCP")
        self.assertGreater(min(tcp), 15)
        self.assertLess(max(unix), 90, "60 s on the socket")
        self.figure = f"put out after {max(tcp):.0f} s over TCP, {max(unix):.0f} s on the socket"
        for client in slow:
            client.close()
