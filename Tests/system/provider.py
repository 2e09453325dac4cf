"""The demo's provider with bad manners: what it does wrong is in the model's name. Counts what it has answered for, so that a
test can hold the bill against the ledger. Must never be run outside of a test."""

import importlib.util
import json
import os
import sys
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
SPEC = importlib.util.spec_from_file_location("demo", os.path.join(TOP, "docs/examples/demo/scripts/provider.py"))
demo = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(demo)

KEY = "sk-real-key-of-the-owner-0123456789"
# Pico-dollars a token, read and written: every model of the tests costs the same.
INPUT, OUTPUT = 3_000_000, 15_000_000
MODELS = ["good", "large", "slow", "negative", "mute", "broken-sse", "short-length", "gzip", "echo", "busy", "down", "cut", "endless",
          "flood", "huge"]


def prices():
    """A price table that names them all."""
    row = {"litellm_provider": "test", "mode": "chat", "max_input_tokens": 200_000, "max_output_tokens": 8192,
           "input_cost_per_token": INPUT / 1e12, "output_cost_per_token": OUTPUT / 1e12}
    table = {model: row for model in MODELS}
    table["embedding"] = {"litellm_provider": "test", "mode": "embedding", "input_cost_per_token": 2e-8, "max_input_tokens": 8192}
    return table


class Provider(demo.Provider):
    key = KEY

    def do_POST(self):
        self.server.asked += 1
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length))
        self.server.seen.append((self.path, dict(self.headers), body))
        given = self.headers.get("x-api-key") or self.headers.get("Authorization", "").removeprefix("Bearer ")
        if given != self.key:
            return self.json(401, {"type": "error", "error": {"type": "authentication_error", "message": f"wrong key {given}"}})
        wrong = getattr(self, "do_" + body["model"].replace("-", "_"), None)
        if wrong:
            return wrong(body)
        return self.answer(body)

    def answer(self, body):
        path = self.path.split("?")[0].removeprefix("/v1")
        answer = {"/messages": self.messages, "/messages/count_tokens": self.tokens, "/chat/completions": self.chat,
                  "/responses": self.respond, "/embeddings": self.embeddings}.get(path)
        if answer is None:
            return self.json(404, {"error": {"message": "no such page"}})
        if path in ("/messages", "/chat/completions", "/responses"):
            asked = body.get("max_tokens") or body.get("max_completion_tokens") or body.get("max_output_tokens")
            written = min(asked or demo.LONGEST, demo.LONGEST)
            with self.server.lock:
                self.server.bill += demo.count(body) * INPUT + written * OUTPUT
        return answer(body)

    # What goes wrong

    def do_slow(self, body):
        self.pause = 0.02
        return self.answer(body)

    def usage(self, usage):
        self.json(200, {"type": "message", "model": "x", "content": [], "role": "assistant", "id": "m", **usage})

    def do_negative(self, _):
        self.usage({"usage": {"input_tokens": -5, "output_tokens": -1000000}})

    def do_mute(self, _):
        self.usage({})

    def do_echo(self, _):
        self.json(400, {"error": {"message": f"your key {self.key} may not do that: {self.key}"}}, [("x-key", self.key)])

    def do_busy(self, _):
        self.json(429, {"error": {"message": "slow down"}}, [("Retry-After", "7")])

    def do_down(self, _):
        self.json(500, {"error": {"message": "out of order"}})

    def do_broken_sse(self, _):
        self.stream()
        for piece in (b"data: {\"usage\":", b"\x00\xff\xfe\n\ndata: not json \"usage\"\n\n", b"data: [1,2\n\n:::\n\n", b"event\n\n"):
            self.chunk(piece)
        self.end()

    def do_short_length(self, _):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(b'{"usage":{"input_tokens":1')
        self.close_connection = True

    def do_gzip(self, _):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", "20")
        self.end_headers()
        self.wfile.write(b"\x1f\x8b" + b"0" * 18)

    def do_cut(self, body):
        """Ends in the middle of a stream."""
        self.stream()
        self.event("message_start", {"message": {"model": "cut", "usage": {"input_tokens": 100, "output_tokens": 1}}})
        for _ in range(5):
            self.event("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "word " * 6}})
        self.close_connection = True

    def do_endless(self, _):
        """Says that it has written more than it was asked for, and goes on."""
        self.stream()
        self.event("message_start", {"message": {"model": "endless", "usage": {"input_tokens": 10, "output_tokens": 1}}})
        written = 0
        try:
            while True:
                written += 1000
                self.event("message_delta", {"delta": {}, "usage": {"output_tokens": written}})
                time.sleep(0.01)
        except OSError:
            self.server.cut.set()

    def do_flood(self, _):
        """Sends as fast as it can for as long as somebody reads; how much it got rid of."""
        self.stream()
        self.server.flooded = 0
        piece = b"data: " + b"x" * 65_000 + b"\n\n"
        try:
            while self.server.flooded < 1 << 30:
                self.chunk(piece)
                self.server.flooded += len(piece)
        except OSError:
            self.server.cut.set()

    def do_huge(self, _):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        for number in range(90):
            self.send_header(f"x-header-{number}", "v" * 900)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


class Server(demo.Server):
    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Provider)
        self.lock = threading.Lock()
        self.asked, self.bill, self.seen, self.flooded = 0, 0, [], 0
        self.cut = threading.Event()
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()
