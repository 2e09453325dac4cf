"""nova-edge beside a Supervisor, and a client that speaks to it over TCP. Must never listen on anything but loopback."""

import http.client
import json
import os
import re
import subprocess

from harness import PATIENCE, TOP, free_port, read, until


class Edge:
    """One nova-edge on a Supervisor's socket."""

    def __init__(self, supervisor, port=None, page=None, wrap=None):
        self.supervisor = supervisor
        self.port = port
        self.state = os.path.join(supervisor.base, "e")
        self.page = page or os.path.join(TOP, "Sources", "NovaEdge", "Page")
        self.errors = os.path.join(supervisor.base, "edge.stderr")
        self.process = None
        # What runs it in its place, and becomes it.
        self.wrap = wrap or []

    def launch(self):
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen(
                self.wrap + [os.path.join(self.supervisor.bin, "nova-edge"), "run", "--socket", self.supervisor.socket,
                 "--state", self.state, "--page", self.page],
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, env=self.supervisor.environment, cwd="/")
        # `destroy` of the supervisor ends what is in the background.
        self.supervisor.background.append(self.process)
        return self

    def start(self):
        """Starts it and waits until its port answers."""
        self.launch()

        def up():
            if self.process.poll() is not None:
                raise AssertionError(f"nova-edge ended with {self.process.returncode}: {self.said()}")
            try:
                return self.ask("GET", "/healthz")[0] == 200
            except OSError:
                return False

        until(up, lambda: f"nova-edge answers on {self.port}: {self.said()}")
        return self

    def said(self):
        return read(self.errors, "")

    def kill9(self):
        self.process.kill()
        self.process.wait()

    def connection(self, timeout=None):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout or PATIENCE)

    def ask(self, method, path, body=None, headers=None, token=None, cookie=None):
        """One request: (status, headers, decoded body)."""
        connection = self.connection()
        try:
            sent = dict(headers or {})
            if token:
                sent["Authorization"] = f"Bearer {token}"
            if cookie:
                sent["Cookie"] = cookie
            data = body if body is None or isinstance(body, (bytes, str)) else json.dumps(body)
            if data is not None:
                sent.setdefault("Content-Type", "application/json")
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            raw = answer.read()
            kind = answer.headers.get("Content-Type", "")
            return answer.status, answer.headers, json.loads(raw) if kind.startswith("application/json") else raw
        except http.client.HTTPException as error:
            raise ConnectionError(f"no answer: {error!r}")
        finally:
            connection.close()

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def log_in(self, **attempt):
        """POST /session as the page does: (status, cookie, body)."""
        status, headers, body = self.ask("POST", "/session", attempt, {"Origin": self.origin})
        found = re.match(r"(nova_session=[^;]*)", headers.get("Set-Cookie", ""))
        return status, found and found.group(1), body


def make_token(supervisor, name, role):
    """(token, line for the token file) as nova-edge makes them."""
    done = subprocess.run([os.path.join(supervisor.bin, "nova-edge"), "token", name, role],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip(), done.stderr.strip().splitlines()[-1]


def with_edge(test, workers=None, settings=None, roles=("read", "act")):
    """A supervisor with workers and an edge with a token a role: (supervisor, edge, {role: token})."""
    port = free_port()
    s = test.prepare(workers)
    tokens, lines = {}, []
    for role in roles:
        tokens[role], line = make_token(s, role, role)
        lines.append(line)
    path = os.path.join(s.config, "tokens")
    with open(path, "w", opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
        f.write("\n".join(lines) + "\n")
    s.write("supervisor.yaml", {"edge": {"listen": f"127.0.0.1:{port}", "token_file": path}, **(settings or {})})
    s.start()
    return s, Edge(s, port).start(), tokens
