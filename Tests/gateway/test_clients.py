"""The official Python clients, unmodified, in a worker of either network: what they see, and what is booked for it."""

import json
import os

from gateway import GatewayTest
from harness import read, until

HERE = os.path.dirname(os.path.abspath(__file__))


class Clients(GatewayTest):
    def run_agent(self, network):
        s = self.begin(workers={"other": {"command": ["/bin/sleep", "1000000"]}})
        out = s.path("seen.json")
        # The budget lets every plain call through and ends the expensive ones; a worker that is paused could not say so.
        s.configure({"agent": {
            "command": [os.environ["NOVA_GATEWAY_PYTHON"], "-I", os.path.join(HERE, "agent.py"), out], "restart": "never",
            "gateway": {"providers": ["anthropic", "openai"]}, "security": {"network": network},
            # A tenth of it is less than the smallest of those calls needs, so nobody is held for its sake.
            "budget": {"total": "0.60"}}})
        s.ok("reload")
        seen = json.loads(until(lambda: read(out, ""), lambda: (s.row("agent"), s.cli("logs", "agent", "--stderr").out[-1500:],
                                                                 self.edge.said()), 120))
        self.assertEqual(seen["message"], [20, "word " * 20])
        self.assertEqual((seen["message_stream"], seen["message_stream_usage"]), ("word " * 6, 6))
        self.assertGreater(seen["count"], 0)
        self.assertEqual((seen["chat"], seen["chat_stream"], seen["chat_stream_usage"]), (7, [4, False], 3))
        self.assertEqual((seen["response"], seen["response_stream"]), (["word " * 5, 5], "response.completed"))
        self.assertEqual((seen["embedding"], seen["async"], seen["async_stream"], seen["async_chat"]),
                         (1, 400, "word " * 6, "word " * 4))
        self.assertEqual((seen["refused"], seen["refused_chat"], seen["unknown"]),
                         ([402, "billing_error"], [402, "nova_budget_exceeded"], "invalid_request_error"))
        row = self.settled(s)
        self.assertLessEqual(row["spent"], row["limit"])
        self.assertEqual(row["overrun"], 0)
        rows = [call for call in self.calls(s) if call["worker"] == "agent" and call["outcome"] != "refused"]
        self.assertFalse([call for call in rows if call["estimated"] or call["outcome"] != "completed"])
        metered = sum(int(call["cost_pico_usd"]) for call in rows if call["model"] != "embedding")
        self.assertEqual(metered, self.provider.bill, "the provider's bill, to the pico-dollar")
        # Nobody tried again what was refused: each call that was asked for came once.
        refused = until(lambda: (lambda found: found if len(found) >= 3 else None)(
            [call for call in self.calls(s) if call["outcome"] == "refused"]), lambda: self.calls(s)[-5:])
        self.assertEqual([call["reason"] for call in refused], ["nova_budget_exceeded", "nova_budget_exceeded", "unknown_model"])

    def test_on_the_hosts_network(self):
        """issue 8, line 2: anthropic and openai, sync, async and streaming"""
        self.run_agent("host")

    def test_on_a_network_of_its_own(self):
        """issue 8, lines 2 and 3: the same in a namespace where nothing else is reachable"""
        if os.getuid() != 0:
            self.skipTest("a network namespace needs root")
        self.run_agent("gateway")
