"""`novasup prices`: a table of model prices looked through, and answers of providers priced by it. Needs no supervisor."""

import json
import os
import subprocess
import tempfile
import unittest

from harness import binaries

TABLE = {
    "sample_spec": {"mode": "chat", "input_cost_per_token": 1},
    "claude-sonnet-4-5": {
        "mode": "chat", "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
        "cache_creation_input_token_cost": 3.75e-06, "cache_read_input_token_cost": 3e-07},
    "picture": {"mode": "image_generation", "output_cost_per_image": 0.04},
}
ANSWER = {"type": "message", "model": "claude-sonnet-4-5", "usage": {
    "input_tokens": 3, "cache_creation_input_tokens": 12304, "cache_read_input_tokens": 0, "output_tokens": 550}}


class ModelPrices(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = place.name

    def file(self, name, content):
        path = os.path.join(self.place, name)
        with open(path, "w") as f:
            f.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def novasup(self, *words):
        done = subprocess.run([os.path.join(binaries(), "novasup"), "prices", *words], capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def test_a_bill_to_the_pico_dollar(self):
        """issue 8.4: usage from the provider's own answer, exact to the pico-dollar"""
        table, answer = self.file("prices.json", TABLE), self.file("answer.json", ANSWER)
        code, said, _ = self.novasup("cost", table, "claude-sonnet-4-5", answer, "-o", "json")
        self.assertEqual((code, json.loads(said)["cost_usd"]), (0, "0.054399"))
        stream = self.file("stream.txt", (
            'event: message_start\ndata: {"type":"message_start","message":' + json.dumps(ANSWER | {"usage": {
                "input_tokens": 3, "cache_creation_input_tokens": 12304, "output_tokens": 1}}) + '}\n\n'
            'event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":550}}\n\n'
            'event: message_stop\ndata: {"type":"message_stop"}'))
        self.assertEqual(self.novasup("cost", table, "claude-sonnet-4-5", stream, "-o", "name"), (0, "0.054399\n", ""))

    def test_a_table_is_looked_through(self):
        """issue 8.4: absurd prices refused"""
        table = self.file("prices.json", TABLE)
        self.assertEqual(self.novasup("check", table), (
            0, "1 models can be priced, 1 others are not paid by the token\n", ""))
        dear = self.file("dear.json", TABLE | {"typo": {
            "mode": "chat", "input_cost_per_token": 3, "output_cost_per_token": 15}})
        code, said, warned = self.novasup("check", dear)
        self.assertEqual(code, 1)
        self.assertIn("1 models can be priced", said)
        self.assertIn("typo: input_cost_per_token is above $0.001 a token (a price per million tokens?)", warned)

    def test_what_cannot_be_priced_is_no_zero(self):
        """issue 8.4: unknown model: refuse"""
        table, answer = self.file("prices.json", TABLE), self.file("answer.json", ANSWER)
        for words, why in [
            (("cost", table, "gpt-5", answer), "the table has no price for gpt-5"),
            (("cost", table, "claude-sonnet-4-5", self.file("none", {"id": 1})), "it says nothing that can be true of its use"),
            (("cost", table, "claude-sonnet-4-5", self.file("less", {"usage": {"input_tokens": -3}})), "it says nothing that can be true of its use"),
            (("cost", table, "claude-sonnet-4-5", self.file("search", ANSWER | {"usage": {
                "input_tokens": 1, "output_tokens": 1, "server_tool_use": {"web_search_requests": 1}}})), "has no price in"),
            (("check", self.file("broken", "{")), "it is not JSON"),
            (("check", os.path.join(self.place, "absent")), "No such file"),
        ]:
            code, said, warned = self.novasup(*words)
            self.assertEqual((code, said), (1, ""), words)
            self.assertIn(why, warned)
        self.assertEqual(self.novasup("cost", table)[0], 2)
