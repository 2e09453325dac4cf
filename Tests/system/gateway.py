"""A fleet whose worker calls models through nova-edge's gateway, and a provider that counts what it has answered for. Must never be
given a key that is worth something."""

import http.client
import json
import os
import socket
from decimal import Decimal

import provider
from edge import Edge
from harness import PATIENCE, SystemTest, environ, free_port, steady, until


class GatewayTest(SystemTest):
    def begin(self, workers=None, budget=None, settings=None, providers=None, prices=True, **keys):
        """A supervisor, an edge with a gateway, and a provider; the worker is `agent` unless others are given."""
        self.provider = provider.Server()
        self.addCleanup(self.provider.server_close)
        self.addCleanup(self.provider.shutdown)
        self.port = free_port()
        given = providers or {
            "anthropic": {"kind": "anthropic", "url": f"http://127.0.0.1:{self.provider.port}", "key": "THE_KEY"},
            "openai": {"kind": "openai", "url": f"http://127.0.0.1:{self.provider.port}/v1", "key": "THE_KEY"}}
        agent = steady(gateway={"providers": list(given), **keys}, **({"budget": budget} if budget else {}))
        s = self.run_with(workers or {"agent": agent},
                          {"gateway": {"listen": f"127.0.0.1:{self.port}", "providers": given, **(settings or {})}})
        self.edge = Edge(s)
        secrets = os.path.join(s.base, "edge.env")
        with open(secrets, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
            f.write(f"THE_KEY={provider.KEY}\n")
        s.environment["NOVA_EDGE_SECRETS"] = secrets
        if prices:
            table = os.path.join(s.base, "prices.json")
            with open(table, "w") as f:
                json.dump(provider.prices(), f)
            s.ok("prices", "update", table)
        self.edge.launch()
        if prices:
            until(lambda: self.ask(s, model="good")[0] == 200 if "agent" in s.workers else self.listens(), self.edge.said)
        if prices and "agent" in s.workers:
            # They are told in order: with this one those are in the books that were refused before it.
            until(lambda: [row for row in self.calls(s) if row["outcome"] == "completed"], self.edge.said)
        self.s = s
        return s

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 5).close()
            return True
        except OSError:
            return False

    def key(self, s, worker="agent"):
        """A worker's own key; asked for once, since a worker that is paused for its budget has none to show."""
        known = self.__dict__.setdefault("keys", {})
        if (s.base, worker) not in known:
            known[s.base, worker] = environ(s.wait_up(worker)["pid"])["ANTHROPIC_API_KEY"]
        return known[s.base, worker]

    def ask(self, s, path="/v1/messages", key=None, headers=None, body=None, raw=None, timeout=None, **asked):
        """One call: (status, headers, decoded body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout or PATIENCE)
        try:
            wanted = {"model": "good", "max_tokens": 20, "messages": [{"role": "user", "content": "hello"}], **asked}
            data = raw if raw is not None else json.dumps(body or wanted)
            connection.request("POST", path, data, {"x-api-key": key or self.key(s), "Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            text = answer.read()
            kind = answer.headers.get("Content-Type", "")
            return answer.status, answer.headers, json.loads(text) if kind.startswith("application/json") and text else text
        except OSError as error:
            return 0, {}, repr(error)
        except http.client.HTTPException as error:
            return 0, {}, repr(error)
        finally:
            connection.close()

    def calls(self, s, count=None):
        """The records, oldest first; waits until there are so many."""
        def rows():
            found = s.api("GET", "/v1/gateway/calls?limit=500")[1]
            return found[::-1] if count is None or len(found) >= count else None
        return until(rows, lambda: f"{count} calls are recorded: {s.api('GET', '/v1/gateway/calls')}") if count else rows()

    def spent(self, s):
        """Pico-dollars by the records, micro-dollars by the ledger's entries."""
        pico = sum(int(row["cost_pico_usd"]) for row in self.calls(s))
        micro = -(s.sql("SELECT sum(amount_micro) FROM entry WHERE kind = 'llm'")[0][0] or 0)
        return pico, micro

    def budget(self, s, subject="agent", period="total"):
        for row in s.api("GET", "/v1/budgets")[1]["budgets"]:
            if (row["subject"], row["period"]) == (subject, period):
                return {name: Decimal(row[name + "_usd"] or 0) for name in ("limit", "spent", "reserved", "overrun")}
        self.fail(f"no budget of {subject}")

    def settled(self, s):
        """The budget once nothing is reserved for calls any more."""
        def closed():
            found = s.api("GET", "/v1/budgets")[1]
            return found["open_reservations"] == 0 and found["unreconciled_reservations"] == 0
        until(closed, lambda: (self.budget(s), s.api("GET", "/v1/budgets")[1], self.edge.said()[-800:]), 90)
        return self.budget(s)
