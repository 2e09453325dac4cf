"""The README's first command where systemd is not PID 1: `deploy/local` and the demo fleet (issue 2, the house)."""

import os
import re
import shutil
import signal
import subprocess

from harness import TOP, SystemTest, lines, until


class Demo(SystemTest):
    def test_deploy_local_shows_the_fleet_and_ctrl_c_stops_all_of_it(self):
        """issue 2: deploy/local in the foreground; the demo fleet shows the product in a minute"""
        s = self.prepare()
        tree = os.path.join(s.base, "t")
        for name in ("deploy", "docs/examples", "Sources/NovaEdge/Page", "Sources/nova_worker"):
            shutil.copytree(os.path.join(TOP, name), os.path.join(tree, name))
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
