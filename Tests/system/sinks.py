"""Servers that take alerts and behave badly on purpose, and a supervisor's socket that says what a test wants it to say.
Must never listen on anything but loopback and a directory of the test.
"""

import http.server
import json
import os
import socket
import socketserver
import ssl
import struct
import subprocess
import threading


class Sink:
    """An HTTP server that answers by a script: `ok`, a status, `429 2` (Retry-After), `reset`, `slow`, a body after `=`.
    The last word is repeated."""

    def __init__(self, *script, body=b"ok", status=200, certificate=None):
        self.script, self.body, self.status = list(script) or ["ok"], body, status
        self.requests = []
        self.arrived = threading.Condition()
        self.release = threading.Event()
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with sink.arrived:
                    word = sink.script.pop(0) if len(sink.script) > 1 else sink.script[0]
                    sink.requests.append((self.path, dict(self.headers), data, word))
                    sink.arrived.notify_all()
                if word == "reset":
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    self.close_connection = True
                    return
                if word == "slow":
                    sink.release.wait(60)
                status, _, after = word.partition(" ")
                self.send_response(sink.status if word in ("ok", "slow") else int(status))
                if after:
                    self.send_header("Retry-After", after)
                self.send_header("Content-Length", str(len(sink.body)))
                self.end_headers()
                self.wfile.write(sink.body)

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def json(self):
        return [json.loads(data) for _, _, data, _ in self.requests]

    def taken(self):
        """What was answered well."""
        return [json.loads(data) for _, _, data, word in self.requests if word in ("ok", "slow")]

    def close(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


class MailSink:
    """An SMTP server without TLS that takes mail, after as many refusals as it is told."""

    def __init__(self, refusals=()):
        self.mails, self.refusals = [], list(refusals)
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, text):
                self.wfile.write(text.encode() + b"\r\n")

            def handle(self):
                self.say("220 test")
                envelope = []
                while line := self.rfile.readline():
                    verb = line.strip().decode()
                    if verb.upper().startswith(("EHLO", "HELO")):
                        self.say("250 test")
                    elif verb.upper().startswith(("MAIL", "RCPT")):
                        if verb.upper().startswith("MAIL") and sink.refusals:
                            self.say(sink.refusals.pop(0))
                            continue
                        envelope.append(verb)
                        self.say("250 ok")
                    elif verb.upper() == "DATA":
                        self.say("354 go on")
                        lines = []
                        while (data := self.rfile.readline()) not in (b".\r\n", b""):
                            lines.append(data)
                        sink.mails.append((envelope, b"".join(lines).decode()))
                        self.say("250 taken")
                    elif verb.upper() == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("502 what?")

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"smtp://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Telling:
    """A supervisor's socket that only has settings and events: for what the real one cannot be made to say on order."""

    def __init__(self, directory, channels, routes=()):
        self.socket = os.path.join(directory, "telling.sock")
        self.alerts = {"channels": channels, "routes": list(routes)}
        self.events, self.reports = [], []
        self.changed = threading.Condition()
        self.closed = False
        telling = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def address_string(self):
                return "unix"

            def answer(self, value):
                data = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self):
                if self.path.startswith("/v1/edge"):
                    return self.answer({"listen": None, "token_file": None, "alerts": telling.alerts})
                after = int(self.path.partition("after=")[2].partition("&")[0] or 0) if "after=" in self.path else None
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Connection", "close")
                self.end_headers()
                sent = after if after is not None else max([0] + [e["id"] for e in telling.events]) - 1
                while not telling.closed:
                    with telling.changed:
                        fresh = [e for e in telling.events if e["id"] > sent]
                        if not fresh:
                            telling.changed.wait(0.2)
                            continue
                    for event in fresh:
                        self.wfile.write(f"id: {event['id']}\ndata: {json.dumps(event)}\n\n".encode())
                        self.wfile.flush()
                        sent = event["id"]

            def do_POST(self):
                data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                telling.reports.append(data)
                self.answer({"event": data["event"]})

            def log_message(self, *words):
                pass

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

            def handle_error(self, request, address):
                pass  # a client that was killed

        self.server = Server(self.socket, Handler)
        os.chmod(self.socket, 0o666)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.tell("supervisor.started", "it began")

    def tell(self, type, message, worker=None, severity="info", **details):
        with self.changed:
            number = len(self.events) + 1
            self.events.append({"id": number, "at": "2026-11-26T05:00:00Z", "type": type, "severity": severity, "worker": worker,
                                "instance": None, "actor": "supervisor", "message": message, "details": details})
            self.changed.notify_all()
        return number

    def close(self):
        self.closed = True
        self.server.shutdown()
        self.server.server_close()


def certificate(directory, name="127.0.0.1"):
    """(certificate, key) of its own authority, for that address."""
    cert, key = os.path.join(directory, "cert.pem"), os.path.join(directory, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert,
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=IP:{name}"], check=True, capture_output=True)
    return cert, key
