"""The command line and the API as contracts (interface.md; peers.md 3b rows 84, 85)."""

import json
import os
import re
import socket
import subprocess
import time

from harness import LISTEN, NEVER, NOTIFY, PYTHON, QUICK, SystemTest, py, quietly, sh, steady, until

# One request to the API as somebody else: this runs in a process of that user.
ASK = """
import http.client, socket, sys
class U(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX); self.sock.connect(sys.argv[1])
c = U('nova')
c.request(sys.argv[2], sys.argv[3], sys.argv[4] or None, {'Content-Type': 'application/json'} if sys.argv[4] else {})
a = c.getresponse(); print(a.status); print(a.read().decode())
"""

ROW_KEYS = [
    "name", "instance", "state", "reason", "pid", "started_at", "uptime_seconds", "crashes", "max_crashes",
    "cooldown_remaining_seconds", "restarts_total", "cpu_percent", "cpu_usage_usec", "memory_bytes",
    "memory_peak_bytes", "tasks", "cost_usd", "cost_per_hour_usd", "revenue_usd", "roi_percent", "roi_status",
    "last_exit", "status_text"]


class ExitCodes(SystemTest):
    def test_an_unknown_worker_exits_4_and_nothing_is_done_for_the_others(self):
        """issue 2, Real input 4: unknown targets; row 84"""
        s = self.run_with({"outreach": steady(), "b": steady()})
        pid = s.wait_up("outreach")["pid"]
        for verb in ("stop", "restart", "kill", "pause"):
            answer = s.cli(verb, "outreach", "outrech")
            self.assertExit(answer, 4, "outrech", "did you mean", "outreach")
        self.assertEqual((s.row("outreach")["pid"], s.state_of("outreach")), (pid, "running"))
        self.assertEqual(s.events("operator"), [])

    def test_unknown_instances_globs_and_names_exit_4_in_every_verb(self):
        """interface.md: 4 no such worker"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        for words in (["stop", "a@7"], ["stop", "x-*"], ["ps", "zzz"], ["status", "zzz"], ["logs", "zzz"],
                      ["health", "zzz"], ["wait", "zzz"], ["scale", "zzz=1"]):
            self.assertExit(s.cli(*words), 4)

    def test_unknown_verbs_flags_and_values_exit_2_with_a_suggestion(self):
        """interface.md: 2 usage"""
        s = self.prepare()
        self.assertExit(s.cli("strat"), 2, "start")
        self.assertExit(s.cli("ps", "--chekc"), 2, "--check")
        self.assertExit(s.cli("ps", "-o", "xml"), 2, "json")
        self.assertExit(s.cli("stop"), 2)
        self.assertExit(s.cli("scale", "a=-1"), 2)

    def test_no_supervisor_exits_69_and_says_where_it_looked(self):
        """interface.md: 69 the supervisor cannot be reached"""
        s = self.prepare()
        for verb in (["ps"], ["start", "a"], ["status"], ["reload"]):
            self.assertExit(s.cli(*verb), 69, s.socket)

    def test_wait_ends_when_it_is_true(self):
        """interface.md: wait TARGET --for"""
        s = self.prepare()
        s.configure({"a": py(NOTIFY + f"wait_for('{s.path('go')}'); notify('READY=1'); wait_for('{s.path('end')}')",
                             ready="notify", restart="never")})
        s.start()
        waiting = s.begin("wait", "a", "--for", "ready", "--timeout", "30s")
        until(lambda: s.state_of("a") == "starting", "it starts")
        self.assertIsNone(waiting.poll())
        s.touch("go")
        self.assertExit(s.finish(waiting), 0)
        waiting = s.begin("wait", "a", "--for", "exit", "--timeout", "30s")
        s.touch("end")
        self.assertExit(s.finish(waiting), 0)

    def test_running_satisfies_a_wait_for_ready_without_readiness(self):
        """interface.md: running satisfies --for ready where ready: none"""
        s = self.run_with({"a": steady()})
        self.assertExit(s.cli("wait", "a", "--for", "ready", "--timeout", "20s"), 0)

    def test_wait_that_times_out_exits_124(self):
        """interface.md: 124 timed out"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        began = time.monotonic()
        self.assertExit(s.cli("wait", "a", "--for", "stopped", "--timeout", "400ms"), 124)
        self.assertGreaterEqual(time.monotonic() - began, 0.4)

    def test_ps_check_exits_3_when_something_wanted_is_down_and_0_when_all_is_well(self):
        """interface.md: ps --check"""
        s = self.run_with({"up": steady(), "off": steady(autostart=False), "job": sh("true", mode="job")})
        s.wait_up("up"), s.wait_state("job", "completed")
        self.assertExit(s.cli("ps", "--check"), 0)
        s.configure({**s.workers, "bad": sh("exit 1", backoff=NEVER)})
        s.ok("reload")
        s.wait_state("bad", "backoff")
        self.assertExit(s.cli("ps", "--check"), 3, "bad@1")
        self.assertExit(s.cli("ps", "--check", "up"), 0)

    def test_health_exits_0_1_and_3_in_every_form(self):
        """interface.md: health exit 0, 1 unhealthy, 3 not running, in every output form"""
        look = {"name": "x", "period": "100ms", "timeout": "1s", "threshold": 1, "action": "none"}
        s = self.run_with({"good": steady(health=[{**look, "exec": ["/bin/true"]}]),
                           "ill": steady(health=[{**look, "exec": ["/bin/false"]}]),
                           "off": steady(autostart=False)})
        until(lambda: s.cli("health", "ill").code == 1, lambda: s.cli("health", "ill"))
        until(lambda: s.cli("health", "good").code == 0, lambda: s.cli("health", "good"))
        for form in ("table", "json", "jsonl", "name", "wide"):
            self.assertEqual([s.cli("health", name, "-o", form).code for name in ("good", "ill", "off")], [0, 1, 3])

    def test_listings_exit_0_although_workers_fail(self):
        """interface.md: listings exit 0 when the listing worked"""
        s = self.run_with({"bad": sh("exit 1", restart="never")})
        s.wait_state("bad", "failed")
        for words in (["ps"], ["status"], ["status", "bad"], ["events"], ["top", "--once"]):
            self.assertExit(s.cli(*words), 0)

    def test_two_failures_of_one_kind_keep_their_code(self):
        """interface.md: one table for all verbs"""
        s = self.run_with({"a": steady(autostart=False), "b": steady(autostart=False)})
        self.assertExit(s.cli("kill", "-s", "TERM", "a", "b"), 3)


class Forms(SystemTest):
    def test_ps_json_has_exactly_the_keys_of_the_contract_first_and_null_for_unknown(self):
        """interface.md: novasup ps -o json"""
        s = self.run_with({"a": steady(), "off": steady(autostart=False)})
        s.wait_up("a")
        rows = s.json("ps")
        self.assertEqual([row["name"] for row in rows], ["a", "off"])
        for row in rows:
            self.assertEqual(list(row)[:len(ROW_KEYS)], ROW_KEYS)
        self.assertIsNone(rows[1]["pid"])
        self.assertIsNone(rows[1]["memory_bytes"])
        self.assertIsNone(rows[0]["cooldown_remaining_seconds"])
        self.assertRegex(rows[0]["started_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")

    def test_last_exit_has_code_signal_oom_and_time(self):
        """interface.md: last_exit"""
        s = self.run_with({"a": sh("exit 5", restart="never")})
        row = s.wait_state("a", "failed")
        self.assertEqual(list(row["last_exit"]), ["code", "signal", "oom", "at"])
        self.assertEqual((row["last_exit"]["code"], row["last_exit"]["signal"], row["last_exit"]["oom"]),
                         (5, None, False))

    def test_jsonl_name_and_headers(self):
        """interface.md: -o table|wide|json|jsonl|name, --no-headers"""
        s = self.run_with({"a": steady(instances=2)})
        s.wait_up("a", 2)
        self.assertEqual([json.loads(line)["instance"] for line in s.ok("ps", "-o", "jsonl").splitlines()], [1, 2])
        self.assertEqual(s.ok("ps", "-o", "name").split(), ["a@1", "a@2"])
        table = s.ok("ps").splitlines()
        self.assertEqual(table[0].split(), ["NAME", "STATE", "PID", "UPTIME", "CRASHES", "CPU%", "MEM", "TASKS",
                                            "COST/H", "ROI", "WHY"])
        self.assertEqual(len(s.ok("ps", "--no-headers").splitlines()), 2)
        self.assertNotIn("\x1b", s.ok("ps") + s.ok("status") + s.ok("status", "a"))

    def test_a_listing_that_takes_several_turns_is_whole_and_in_order(self):
        names = [f"w{number}" for number in range(70)]
        s = self.run_with({name: steady(instances=50, max_instances=50, autostart=False) for name in names} | {"a": steady()})
        wanted = [("a", 1)] + [(name, number) for name in sorted(names) for number in range(1, 51)]
        for _ in range(3):
            status, rows = s.api("GET", "/v1/workers")
            self.assertEqual((status, [(row["name"], row["instance"]) for row in rows]), (200, wanted))
        some = s.api("GET", "/v1/workers?target=w1*")[1]
        self.assertEqual([row["name"] for row in some], [name for name, _ in wanted if name.startswith("w1")])
        lines = s.ok("ps", "--no-headers").splitlines()
        self.assertEqual([line.split()[0] for line in lines], [f"{name}@{number}" for name, number in wanted])
        # Whoever hangs up in the middle leaves nothing behind.
        for _ in range(20):
            half = socket.socket(socket.AF_UNIX)
            half.connect(s.socket)
            half.sendall(b"GET /v1/workers HTTP/1.1\r\nHost: x\r\n\r\n")
            half.close()
        self.assertEqual(len(s.api("GET", "/v1/workers")[1]), len(wanted))

    def test_ps_tree_shows_the_processes_inside(self):
        """interface.md: --tree"""
        s = self.run_with({"a": sh("sleep 7777 & sleep 8888 & wait")})
        s.wait_up("a")
        out = until(lambda: "sleep 7777" in s.ok("ps", "--tree") and "sleep 8888" in s.ok("ps", "--tree")
                    and s.ok("ps", "--tree"), "the children are shown")
        self.assertIn("a@1", out)

    def test_a_glob_and_all_reach_what_they_say(self):
        """interface.md: targets"""
        s = self.run_with({"agent-a": steady(), "agent-b": steady(), "other": steady()})
        for name in ("agent-a", "agent-b", "other"):
            s.wait_up(name)
        s.ok("stop", "agent-*")
        self.assertEqual([s.state_of(name) for name in ("agent-a", "agent-b", "other")], ["stopped", "stopped", "running"])
        s.ok("stop", "--all", "-y")
        self.assertEqual(s.state_of("other"), "stopped")

    def test_one_instance_can_be_stopped_and_started(self):
        """interface.md: name@2"""
        s = self.run_with({"a": steady(instances=2)})
        s.wait_up("a"), s.wait_up("a", 2)
        s.ok("stop", "a@2")
        self.assertEqual((s.state_of("a", 1), s.state_of("a", 2)), ("running", "stopped"))
        s.ok("start", "a@2")
        s.wait_up("a", 2)

    def test_a_rolling_restart_replaces_one_after_the_other(self):
        """interface.md: restart --rolling"""
        s = self.run_with({"a": py(NOTIFY + "time.sleep(0.3); notify('READY=1'); time.sleep(1000)", ready="notify",
                                   instances=3)})
        for number in (1, 2, 3):
            s.wait_state("a", "ready", instance=number)
        before = s.pids("a")
        rolling = s.begin("restart", "--rolling", "a")
        fewest = 3
        while rolling.poll() is None:
            fewest = min(fewest, len([row for row in s.rows("a") if row["state"] == "ready"]))
        self.assertExit(s.finish(rolling), 0)
        after = s.pids("a")
        self.assertEqual(len(set(before.values()) | set(after.values())), 6)
        self.assertGreaterEqual(fewest, 2)

    def test_the_older_names_mean_the_same(self):
        """interface.md: aliases"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        s.ok("freeze", "a")
        self.assertEqual(s.state_of("a"), "paused")
        s.ok("unpause", "a")
        s.wait_up("a")
        s.ok("workers", "stop", "a")
        self.assertEqual(s.state_of("a"), "stopped")
        s.ok("agents", "start", "a")
        for words in (["ls"], ["list"], ["reread"], ["update"], ["daemon-reload"], ["workers", "status", "a"]):
            s.ok(*words)

    def test_a_dry_run_of_an_action_does_nothing(self):
        """interface.md: --dry-run"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        self.assertIn("would stop", s.ok("stop", "a", "--dry-run"))
        self.assertEqual((s.row("a")["pid"], s.state_of("a")), (pid, "running"))

    def test_completions_are_scripts_their_shells_accept(self):
        """interface.md: completion bash|zsh|fish"""
        s = self.prepare()
        for shell in ("bash", "zsh", "fish"):
            script = s.ok("completion", shell)
            self.assertIn("novasup", script)
            program = f"/bin/{shell}" if os.path.exists(f"/bin/{shell}") else None
            if program:
                done = subprocess.run([program, "-n", "/dev/stdin"], input=script, text=True, capture_output=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_version_help_and_every_verbs_help_work_without_a_supervisor(self):
        """issue 2: help from one command table"""
        s = self.prepare()
        self.assertRegex(s.ok("version"), r"novasup \d+\.\d+")
        overview = s.ok("help")
        for verb in ("ps", "start", "stop", "scale", "kill", "pause", "logs", "reload", "check", "wait", "report"):
            self.assertRegex(overview, rf"(?m)^\s+{verb}\b")
            self.assertIn(verb, s.ok(verb, "--help"))

    def test_status_of_the_system_fits_on_a_page(self):
        """interface.md: status"""
        s = self.run_with({"a": steady(), "b": sh("exit 1", restart="never")})
        s.wait_up("a"), s.wait_state("b", "failed")
        out = s.ok("status")
        self.assertLess(len(out.splitlines()), 40)
        for text in ("running", "failed", "Supervisor", "Spend today"):
            self.assertIn(text, out)

    def test_status_of_a_worker_explains_it(self):
        """interface.md: status TARGET"""
        s = self.run_with({"a": sh("echo last words; exit 9", backoff=NEVER, limits={"memory": "64M"})})
        s.wait_state("a", "backoff")
        out = s.ok("status", "a")
        for text in ("backoff", "exit 9", "last words", "1/5", "memory 64", "/c/workers.d/test.yaml"):
            self.assertIn(text, out)


class Reports(SystemTest):
    def novasup(self, s, *words):
        return "exec " + " ".join([*s.command("report"), *words])

    def test_a_worker_can_say_that_it_is_ready_and_what_it_does(self):
        """interface.md: report --ready --status"""
        s = self.prepare()
        s.configure({"a": sh(" ".join(s.command("report", "--ready", "--status", "'doing fine'"))
                             + f" > {s.path('out')} 2>&1; echo $? > {s.path('code')}; exec sleep 1000", ready="notify")})
        s.start()
        s.wait_state("a", "ready")
        until(lambda: s.row("a")["status_text"] == "doing fine", lambda: s.row("a"))
        until(lambda: open(s.path("code")).read().strip() == "0", "report exited 0")

    def test_a_report_from_outside_is_refused(self):
        """interface.md: a process inside a worker's cgroup may report for that worker alone"""
        s = self.run_with({"a": steady(ready="notify")})
        s.wait_state("a", "starting")
        answer = s.cli("report", "--ready", "--timeout", "2s")
        self.assertExit(answer, 7)
        self.assertEqual(s.state_of("a"), "starting")

    def test_reports_of_two_workers_do_not_mix(self):
        """interface.md: for that worker alone"""
        s = self.prepare()
        s.configure({name: sh(" ".join(s.command("report", "--status", f"'I am {name}'")) + "; exec sleep 1000")
                     for name in ("a", "b")})
        s.start()
        for name in ("a", "b"):
            until(lambda: s.row(name) and s.row(name)["status_text"] == f"I am {name}", lambda: s.row(name))


class Roles(SystemTest):
    """With the groups in a mount namespace of the supervisor: the host's own /etc/group stays as it is."""

    READ, ACT = 61231, 61232

    def with_groups(self, workers, readers="", actors="", settings=None):
        s = self.prepare(workers, settings=settings)
        text = "".join(line for line in open("/etc/group") if not line.startswith(("nova:", "nova-admin:")))
        with open(os.path.join(s.base, "group"), "w") as f:
            f.write(text + f"nova:x:{self.READ}:{readers}\nnova-admin:x:{self.ACT}:{actors}\n")
        if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
            self.skipTest("a mount namespace is not permitted")
        s.wrap = ["unshare", "-m", "/bin/sh", "-c", f"mount --bind {s.base}/group /etc/group && exec \"$@\"", "sh"]
        return s.start()

    def ask(self, s, method, path, body=None, user=65534, group=65534, groups=()):
        done = subprocess.run(
            [PYTHON, "-I", "-S", "-c", ASK, s.socket, method, path, json.dumps(body) if body else ""],
            user=user, group=group, extra_groups=list(groups), capture_output=True, text=True, cwd="/")
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        status, _, text = done.stdout.partition("\n")
        return int(status), text

    def test_a_stranger_is_refused_with_403_and_audited(self):
        """row 85; interface.md: 403 and an audit event"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        before = len(s.events())
        for method, path, body in (("GET", "/v1/workers", None), ("GET", "/v1/workers/a", None),
                                   ("GET", "/v1/logs", None), ("GET", "/v1/events", None), ("GET", "/metrics", None),
                                   ("POST", "/v1/actions", {"targets": ["a"], "action": "stop"}),
                                   ("POST", "/v1/reload", {}), ("POST", "/v1/reports", {"ready": True})):
            status, text = self.ask(s, method, path, body)
            self.assertEqual(status, 403, f"{method} {path}: {text}")
            self.assertEqual(json.loads(text)["error"]["code"], "denied")
        audit = until(lambda: [e for e in s.events()[before:] if "65534" in e["actor"] + e["message"]], "an audit event")
        self.assertTrue(audit)
        self.assertEqual(s.row("a")["pid"], pid)

    def test_a_stranger_may_ask_whether_it_lives(self):
        """docs: role none"""
        s = self.run_with({"a": steady()})
        self.assertEqual(self.ask(s, "GET", "/healthz")[0], 200)

    def reads_only(self, s, **keys):
        pid = s.wait_up("a")["pid"]
        self.assertEqual(self.ask(s, "GET", "/v1/workers", **keys)[0], 200)
        self.assertEqual(self.ask(s, "POST", "/v1/actions", {"targets": ["a"], "action": "stop"}, **keys)[0], 403)
        self.assertEqual(s.row("a")["pid"], pid)

    def stops(self, s, **keys):
        s.wait_up("a")
        status, text = self.ask(s, "POST", "/v1/actions", {"targets": ["a"], "action": "stop"}, **keys)
        self.assertEqual(status, 200, text)
        self.assertEqual(s.state_of("a"), "stopped")
        self.assertIn("65534", s.events("operator.stop")[-1]["actor"])

    def test_the_group_nova_may_read_and_not_act(self):
        """row 85; interface.md: nova may read"""
        s = self.with_groups({"a": steady()})
        self.reads_only(s, group=self.READ)

    def test_a_user_listed_in_the_group_nova_may_read_and_not_act(self):
        """row 85; interface.md: nova may read"""
        self.reads_only(self.with_groups({"a": steady()}, readers="nobody"), groups=[self.READ])

    def test_the_group_nova_admin_may_act(self):
        """row 85; interface.md: nova-admin may act"""
        self.stops(self.with_groups({"a": steady()}), group=self.ACT)

    def test_a_user_listed_in_the_group_nova_admin_may_act(self):
        """row 85; interface.md: nova-admin may act"""
        self.stops(self.with_groups({"a": steady()}, actors="nobody"), groups=[self.ACT])

    def test_a_supplementary_group_that_only_the_kernel_knows_counts(self):
        """row 85; a unit with SupplementaryGroups=nova, SO_PEERGROUPS"""
        self.reads_only(self.with_groups({"a": steady()}), groups=[self.READ])

    def test_a_worker_may_not_act_on_the_fleet(self):
        """interface.md: a process inside a worker's cgroup may report for that worker alone"""
        s = self.prepare()
        s.configure({"a": sh(f"{PYTHON} -I -S -c \"$ASK\" {s.socket} POST /v1/actions "
                             f"'{{\"targets\":[\"b\"],\"action\":\"stop\"}}' > {s.path('out')}.new 2>&1;"
                             f"mv {s.path('out')}.new {s.path('out')}; exec sleep 1000",
                             user="nobody", environment={"ASK": ASK}, directory="/"), "b": steady()})
        os.chmod(s.dir, 0o777)
        s.start()
        until(lambda: os.path.exists(s.path("out")), "it asked")
        self.assertTrue(open(s.path("out")).read().startswith("403"), open(s.path("out")).read())
        s.wait_up("b")

    def test_the_socket_is_open_to_all_and_judges_each(self):
        """interface.md: the socket is mode 0666"""
        s = self.run_with({"a": steady()})
        self.assertEqual(os.stat(s.socket).st_mode & 0o777, 0o666)


class Robust(SystemTest):
    def test_bad_requests_get_4xx_with_an_error_object_and_change_nothing(self):
        """interface.md: mutations of unknown or over-long input get 4xx"""
        s = self.run_with({"a": steady()})
        pid = s.wait_up("a")["pid"]
        for body, status in (
                (b"{", 400), (b"[]", 400), (b"", 400), ({"targets": ["a"]}, 400), ({"action": "stop"}, 400),
                ({"targets": ["a"], "action": "explode"}, 400), ({"targets": ["a"], "action": "stop", "x": 1}, 400),
                ({"targets": "a", "action": "stop"}, 400), ({"targets": ["zzz"], "action": "stop"}, 404),
                ({"targets": ["a"] * 2000, "action": "stop"}, 4), ({"targets": ["a" * 300000], "action": "stop"}, 413),
                ({"targets": ["a"], "action": "scale", "count": -1}, 4),
                ({"targets": ["a"], "action": "scale", "count": 10**30}, 4),
                ({"targets": ["a"], "action": "kill", "signal": "NOPE"}, 4)):
            got, answer = s.api("POST", "/v1/actions", body)
            self.assertEqual(got if status > 99 else got // 100, status, f"{str(body)[:80]}: {answer}")
            self.assertEqual(set(answer["error"]), {"code", "message", "field"})
        self.assertEqual((s.row("a")["pid"], s.state_of("a")), (pid, "running"))

    def test_unknown_pages_methods_and_parameters_are_refused(self):
        """interface.md: API"""
        s = self.run_with({"a": steady()})
        for method, path, status in (("GET", "/v1/nope", 404), ("GET", "/v1/workers/nope", 404),
                                     ("DELETE", "/v1/workers", 405), ("GET", "/v1/workers?x=1", 400),
                                     ("GET", "/v1/events?limit=-1", 400), ("GET", "/v1/workers/..%2f..%2fetc", 404),
                                     ("GET", "/v1/events?since=yesterday", 400)):
            got, answer = s.api(method, path)
            self.assertEqual(got, status, f"{method} {path}: {answer}")

    def test_the_supervisor_lives_through_garbage_and_slow_clients(self):
        """issue 2, Real input 4"""
        s = self.run_with({"a": steady()})
        s.wait_up("a")
        held = []
        for index in range(40):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(5)
            client.connect(s.socket)
            quietly(client.sendall, [b"\x00\xff" * 5000, b"GET /v1/wor", b"POST /v1/actions HTTP/1.1\r\nContent-Length: 9"
                                     b"99999999\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 3000][index % 4])
            held.append(client)
        self.addCleanup(lambda: [client.close() for client in held])
        self.assertEqual(s.api("GET", "/healthz")[0], 200)
        self.assertIn(s.state_of("a"), ("running", "ready"))

    def test_a_client_that_goes_away_while_it_waits_harms_nobody(self):
        """issue 2, Real input 4"""
        s = self.run_with({"a": py(NOTIFY + "time.sleep(1000)", ready="notify", autostart=False), "b": py(
            LISTEN + "import time; time.sleep(1000)", backoff=QUICK)})
        pending = s.begin("start", "a")
        s.wait_state("a", "starting")
        pending.kill()
        pending.wait()
        s.ok("stop", "a")
        self.assertEqual(s.state_of("a"), "stopped")

    def test_the_api_describes_itself(self):
        """interface.md: OpenAPI 3.1 served at /v1/openapi.json"""
        s = self.run_with({})
        status, document = s.api("GET", "/v1/openapi.json")
        self.assertEqual(status, 200)
        self.assertTrue(document["openapi"].startswith("3.1"))
        for path in ("/v1/workers", "/v1/actions", "/v1/reload", "/v1/events", "/metrics"):
            self.assertIn(path, document["paths"])
        self.assertTrue(re.match(r"\d", document["info"]["version"]))
