"""The README's first command where systemd is not PID 1: `deploy/local` and the demo fleet (issue 2, the house)."""

import os
import re
import shutil
import signal
import subprocess

from harness import TOP, SystemTest, free_port, lines, read, until


class Demo(SystemTest):
    def test_deploy_local_shows_the_fleet_and_ctrl_c_stops_all_of_it(self):
        """issue 2: deploy/local in the foreground; the demo fleet shows the product in a minute"""
        s = self.prepare()
        tree = os.path.join(s.base, "t")
        for name in ("deploy", "docs/examples", "Sources/NovaEdge/Page", "Sources/nova_worker"):
            shutil.copytree(os.path.join(TOP, name), os.path.join(tree, name))
        demo = os.path.join(tree, "docs/examples/demo")
        # The demo's ports may be somebody else's here, and a dollar that lasts two minutes is long for a test.
        ports = {port: str(free_port()) for port in ("7470", "7480", "7481")}
        for path in ("supervisor.yaml", "workers.d/models.yaml"):
            text = read(os.path.join(demo, path))
            for port, free in ports.items():
                text = text.replace(port, free)
            with open(os.path.join(demo, path), "w") as file:
                file.write(re.sub(r'agent.py", "1"', 'agent.py", "0.1"', text))
        s.config, s.state, s.runtime = (os.path.join(tree, ".nova", name) for name in ("config", "state", "run"))
        s.socket = os.path.join(s.runtime, "supervisor.sock")
        s.note_root()
        environment = {**s.environment, "NOVA_BIN_DIR": s.bin, "PATH": os.environ["PATH"]}
        command = [os.path.join(tree, "deploy/local"), "--foreground"]

        def run():
            s.starts += 1
            s.errors = os.path.join(s.base, f"stderr.{s.starts}")
            with open(s.errors, "wb") as out:
                s.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, cwd="/")

            def up():
                self.assertIsNone(s.process.poll(), s.said())
                try:
                    return s.api("GET", "/v1/status")[1]["phase"] == "running"
                except OSError:
                    return False
            until(up, s.said)
        run()
        self.assertIn("ps", s.said())
        for number in (1, 2):
            s.wait_up("steady", number)
        for name in ("reporter", "herald"):
            s.wait_state(name, "ready")
        until(lambda: s.events("instance.exited", "tidy-up"), "the job has run")
        # The workers of each library earn: in Python, in Swift, from a shell.
        for name in ("earner", "vendor"):
            until(lambda: s.sql("SELECT 1 FROM run WHERE worker = ? AND outcome = 'ok' AND reported_cost_micro > 0", name),
                  lambda: (name, s.row(name)))
        # Three crashes are its limit: they are counted in sight, and so is the way back.
        cooling = until(lambda: s.row("crasher")["state"] == "cooldown" and s.row("crasher"), lambda: s.row("crasher"))
        self.assertEqual((cooling["crashes"], cooling["max_crashes"]), (3, 3))
        self.assertGreater(cooling["cooldown_remaining_seconds"], 0)
        self.assertIn("left", s.ok("ps", "crasher"))
        until(lambda: s.row("leaker")["crashes"] >= 1, lambda: s.row("leaker"))
        self.assertIn(s.row("leaker")["last_exit"]["oom"] or s.row("leaker")["reason"], (True, "memory_limit"))
        until(lambda: "run" in (s.row("reporter")["status_text"] or ""), lambda: s.row("reporter"))
        self.the_agent_spends_its_dollar(s)
        # The second run finds it and says so.
        again = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, cwd="/")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("is up already", again.stdout)
        self.assertEqual(s.ask_to_end(signal.SIGINT), 0)
        self.assertEqual([pid for root in s.roots for pid in lines(os.path.join(root, "cgroup.procs"))], [])
        until(lambda: not s.shims(), "the shim ended with it")
        self.assertEqual(s.strays(), [], "nothing of it is left")
        # And it starts again in the same place.
        run()
        s.wait_up("steady")
        self.assertEqual(s.ask_to_end(signal.SIGINT), 0)

    def the_agent_spends_its_dollar(self, s):
        """issue 8, last line: an agent calls a bundled provider through the gateway until its dollar is gone, and asks"""
        def budget():
            return next(row for row in s.api("GET", "/v1/budgets")[1]["budgets"] if (row["subject"], row["period"]) == ("agent", "total"))
        row = until(lambda: s.row("agent")["state"] == "paused" and s.row("agent"),
                    lambda: (s.row("agent"), s.ok("calls", "-n", "3"), s.ok("logs", "agent", "-n", "3"), s.said()[-800:]), 90)
        self.assertEqual(row["reason"], "budget")
        calls = s.api("GET", "/v1/gateway/calls?worker=agent&limit=500")[1]
        self.assertEqual({(call["provider"], call["model"]) for call in calls}, {("demo", "demo-small")})
        self.assertFalse([call for call in calls if call["estimated"]])
        spent = -s.sql("SELECT sum(amount_micro) FROM entry WHERE worker = 'agent' AND kind = 'llm'")[0][0]
        self.assertLessEqual(abs(spent * 1_000_000 - sum(int(call["cost_pico_usd"]) for call in calls)), 500_000)
        # What is left is less than the next call could cost.
        self.assertTrue(930_000 < spent <= 1_000_000, spent)
        self.assertEqual(budget()["overrun_usd"], "0.000000", budget())
        asked = until(lambda: [d for d in s.json("decisions", "--worker", "agent") if d["state"] == "pending"], "somebody is asked")
        self.assertEqual(asked[0]["rule"], "budget")
        s.ok("approve", str(asked[0]["id"]))
        until(lambda: len(s.api("GET", "/v1/gateway/calls?worker=agent&limit=500")[1]) > len(calls) and s.row("agent")["pid"],
              lambda: (s.row("agent"), budget()))


class Economy(SystemTest):
    """The demo's money, with its own configuration and scripts: real processes, real reports, the real command."""

    def shows_all_four(self, mode):
        s = self.prepare()
        demo = os.path.join(TOP, "docs/examples/demo")
        with open(os.path.join(demo, "supervisor.yaml")) as file:
            text, changed = re.subn(r"mode: \w+", f"mode: {mode}", file.read())
        self.assertEqual(changed, 1)
        # The page's port may be somebody else's here.
        text = text.replace("listen: 127.0.0.1:7480", "listen: null")
        with open(os.path.join(s.config, "supervisor.yaml"), "w") as file:
            file.write(text)
        with open(os.path.join(demo, "workers.d/economy.yaml")) as file:
            text = file.read().replace("/usr/share/doc/nova-supervisor/examples/demo", demo)
        folder = os.path.join(s.config, "workers.d")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        with open(os.path.join(folder, "economy.yaml"), "w") as file:
            file.write(text.replace("/usr/lib/python3/dist-packages", os.path.join(TOP, "Sources/nova_worker")))
        s.start()

        def decided(worker, action, state):
            def there():
                rows = s.json("decisions", "--worker", worker)
                return next((row for row in rows if (row["action"], row["state"]) == (action, state)), None)
            return until(there, lambda: f"{action} of {worker} {state}; {s.ok('decisions', '--would')}", seconds=60)
        paused = decided("spender", "pause", "executed")
        self.assertEqual((paused["rule"], paused["route"]), ("budget", "automatic"))
        scaled = decided("winner", "scale_up", "executed")
        self.assertEqual((scaled["from_instances"], scaled["to_instances"], scaled["resolved_by"]), (1, 2, "engine"))
        killed = decided("loser", "kill", "executed")
        self.assertEqual(killed["confidence"] is not None, mode == "evidence")
        asked = decided("dear", "scale_up", "pending")
        self.assertGreaterEqual(float(asked["stake_usd"]), 50)
        s.wait_up("winner", 2)
        s.wait_state("loser", "stopped")
        s.wait_state("spender", "paused")
        for row in (paused, scaled, killed, asked):
            self.assertIn("byte for byte", s.ok("decisions", "show", str(row["id"]), "--replay"))
        page = s.ok("status", "dear")
        for line in ("Would", "To pause", "To kill", "To scale"):
            self.assertIn(f"\n{line}", page)
        s.ok("approve", str(asked["id"]))
        s.wait_up("dear", 2)

    def test_in_a_minute_the_original_rules_scale_kill_pause_and_ask(self):
        """issue 5.9: the demo fleet with accelerated time, mode threshold"""
        self.shows_all_four("threshold")

    def test_in_a_minute_proof_scales_kills_pauses_and_asks(self):
        """issue 5.9: the demo fleet with accelerated time, mode evidence"""
        self.shows_all_four("evidence")
