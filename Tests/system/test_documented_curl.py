"""Every curl that the documents show is run as it stands there, against a real supervisor and a real nova-edge."""

import glob
import os
import re
import subprocess

from edge import with_edge
from harness import TOP, SystemTest, read, sh, steady, until


def documents():
    return sorted(glob.glob(os.path.join(TOP, "docs", "**", "*.md"), recursive=True)) + [os.path.join(TOP, "README.md")]


def commands(text):
    """The commands in code blocks and in `…` that begin with curl; a backslash at the end of a line goes on."""
    text = text.replace("\\\n", " ")
    inside = re.findall(r"`(curl [^`]+)`", text)
    blocks = re.findall(r"^ *```(?:sh)?\n(.*?)^ *```", text, re.M | re.S)
    return inside + [line.strip() for block in blocks for line in block.splitlines() if line.strip().startswith("curl ")]


class Documented(SystemTest):
    def test_every_curl_works(self):
        s, edge, tokens = with_edge(self, {"web": sh("while :; do echo hello; sleep 0.2; done"), "a": steady()})
        s.wait_up("web")
        count = 0
        for path in documents():
            for command in commands(read(path)):
                count += 1
                local = command.replace("/run/nova/supervisor.sock", s.socket).replace("127.0.0.1:7480", f"127.0.0.1:{edge.port}")
                # What follows ends by the limit of time, which curl calls 28.
                follows = "follow=1" in local
                done = subprocess.run(
                    ["sh", "-c", local.replace("curl ", "curl --fail-with-body --max-time 3 " if follows else "curl --fail-with-body ", 1)],
                    env={**s.environment, "TOKEN": tokens["read"]}, capture_output=True, text=True, timeout=60)
                where = f"{os.path.relpath(path, TOP)}: {command}\n{done.stdout}{done.stderr}"
                self.assertIn(done.returncode, (28,) if follows else (0,), where)
                self.assertTrue(done.stdout.strip(), where)
        self.assertGreaterEqual(count, 8)
        self.figure = f"{count} commands"

    def test_the_worker_in_shell_works(self):
        page = read(os.path.join(TOP, "docs", "how-to", "write-a-worker.md"))
        script = re.search(r"^```sh\n(# What every library does\..*?)^```", page, re.M | re.S)[1]
        s = self.prepare()
        tools = s.path("tools")
        os.mkdir(tools)
        for name, text in (("do-the-work", "#!/bin/sh\nsleep 0.2\n"), ("novasup", f'#!/bin/sh\nexec "{s.bin}/novasup" "$@"\n')):
            with open(os.path.join(tools, name), "w", opener=lambda p, flags: os.open(p, flags, 0o755)) as f:
                f.write(text)
        s.configure({"shell": sh(script, environment={"PATH": f"{tools}:/usr/bin:/bin"}, ready="notify", budget={"daily": "5.00"})})
        s.start()
        until(lambda: [row for row in s.api("GET", "/v1/entries?income=1")[1] if row["worker"] == "shell"],
              lambda: s.cli("logs", "shell").out + s.cli("ps").out)
        self.assertEqual(s.row("shell")["state"], "ready")
