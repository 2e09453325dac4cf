#!/usr/bin/env python3
"""A stand-in for Anthropic and OpenAI: answers their APIs with made-up words and true counts, so that the gateway can be tried
without a bill.

usage: provider.py PORT [KEY]      (with KEY: refuses every other, as the real ones do)

A token is four bytes of the question. The answer is as long as `max_tokens` allows, 40 tokens at the most. Its models are
`demo-small` and `demo-large`; prices are in prices.json beside it. Must never be taken for the real thing: it thinks of nothing.
"""

import http.server
import json
import sys
import time

LONGEST = 40


def count(body):
    return max(1, len(json.dumps(body.get("messages") or body.get("input") or "")) // 4)


class Provider(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A header and its body are two writes: held together, each answer would wait 40 ms for an acknowledgement.
    disable_nagle_algorithm = True
    key = None
    pause = 0.0

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        given = self.headers.get("x-api-key") or self.headers.get("Authorization", "").removeprefix("Bearer ")
        path = self.path.split("?")[0]
        if self.key and given != self.key:
            return self.json(401, {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}})
        answer = {"/v1/messages": self.messages, "/v1/messages/count_tokens": self.tokens, "/v1/chat/completions": self.chat,
                  "/v1/responses": self.respond, "/v1/embeddings": self.embeddings}.get(path)
        if answer is None:
            return self.json(404, {"type": "error", "error": {"type": "not_found_error", "message": path}})
        return answer(body)

    # Anthropic

    def tokens(self, body):
        self.json(200, {"input_tokens": count(body)})

    def messages(self, body):
        read, written = count(body), min(body["max_tokens"], LONGEST)
        message = {"id": "msg_demo", "type": "message", "role": "assistant", "model": body["model"], "stop_sequence": None}
        usage = {"input_tokens": read, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": written,
                 "service_tier": "standard"}
        if not body.get("stream"):
            return self.json(200, message | {"content": [{"type": "text", "text": "word " * written}], "usage": usage,
                                             "stop_reason": "end_turn"})
        self.stream()
        self.event("message_start", {"message": message | {"content": [], "stop_reason": None,
                                                           "usage": usage | {"output_tokens": 1}}})
        self.event("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}})
        for _ in range(written):
            self.event("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "word "}})
            time.sleep(self.pause)
        self.event("content_block_stop", {"index": 0})
        self.event("message_delta", {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": usage})
        self.event("message_stop", {})
        self.end()

    # OpenAI

    def chat(self, body):
        read, written = count(body), min(body.get("max_completion_tokens") or body.get("max_tokens") or LONGEST, LONGEST)
        usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written,
                 "prompt_tokens_details": {"cached_tokens": 0}, "completion_tokens_details": {"reasoning_tokens": 0}}
        chat = {"id": "chatcmpl-demo", "object": "chat.completion", "created": int(time.time()), "model": body["model"]}
        if not body.get("stream"):
            choice = {"index": 0, "message": {"role": "assistant", "content": "word " * written}, "finish_reason": "stop"}
            return self.json(200, chat | {"choices": [choice], "usage": usage})
        chat["object"] = "chat.completion.chunk"
        told = (body.get("stream_options") or {}).get("include_usage")
        extra = {"usage": None} if told else {}
        self.stream()
        for _ in range(written):
            self.data(chat | {"choices": [{"index": 0, "delta": {"content": "word "}, "finish_reason": None}]} | extra)
            time.sleep(self.pause)
        self.data(chat | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]} | extra)
        if told:
            self.data(chat | {"choices": [], "usage": usage})
        self.chunk(b"data: [DONE]\n\n")
        self.end()

    def respond(self, body):
        read, written = count(body), min(body.get("max_output_tokens") or LONGEST, LONGEST)
        text = "word " * written
        answer = {"id": "resp_demo", "object": "response", "created_at": int(time.time()), "status": "completed",
                  "model": body["model"], "error": None, "incomplete_details": None, "instructions": None, "metadata": {},
                  "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "temperature": 1.0, "top_p": 1.0,
                  "output": [{"type": "message", "id": "msg_demo", "status": "completed", "role": "assistant",
                              "content": [{"type": "output_text", "text": text, "annotations": []}]}],
                  "usage": {"input_tokens": read, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": written,
                            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": read + written}}
        if not body.get("stream"):
            return self.json(200, answer)
        self.stream()
        self.event("response.created", {"sequence_number": 0, "response": answer | {"status": "in_progress", "output": [],
                                                                                    "usage": None}})
        part = {"type": "output_text", "text": "", "annotations": []}
        item = {"type": "message", "id": "msg_demo", "status": "in_progress", "role": "assistant", "content": []}
        self.event("response.output_item.added", {"sequence_number": 1, "output_index": 0, "item": item})
        self.event("response.content_part.added", {"sequence_number": 2, "item_id": "msg_demo", "output_index": 0,
                                                   "content_index": 0, "part": part})
        for number in range(written):
            self.event("response.output_text.delta", {"sequence_number": number + 3, "item_id": "msg_demo", "output_index": 0,
                                                      "content_index": 0, "delta": "word ", "logprobs": []})
            time.sleep(self.pause)
        self.event("response.completed", {"sequence_number": written + 3, "response": answer})
        self.end()

    def embeddings(self, body):
        read = count(body)
        self.json(200, {"object": "list", "model": body["model"], "usage": {"prompt_tokens": read, "total_tokens": read},
                        "data": [{"object": "embedding", "index": 0, "embedding": [0.0, 1.0]}]})

    # How it is sent

    def json(self, status, value, headers=()):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("request-id", "req_demo")
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("request-id", "req_demo")
        self.end_headers()

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def event(self, kind, value):
        self.chunk(f"event: {kind}\ndata: {json.dumps({'type': kind} | value, separators=(',', ':'))}\n\n".encode())

    def data(self, value):
        self.chunk(f"data: {json.dumps(value, separators=(',', ':'))}\n\n".encode())

    def end(self):
        self.chunk(b"")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, *_):
        """A client that went away is none."""


if __name__ == "__main__":
    Provider.key = sys.argv[2] if len(sys.argv) > 2 else None
    Server(("127.0.0.1", int(sys.argv[1])), Provider).serve_forever()
