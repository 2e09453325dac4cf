"""What a worker's process is like: identity, limits, environment, secrets (peers.md 3b rows 80, 104)."""

import json
import os
import pwd
import signal
import stat

from harness import NEVER, SystemTest, environ, lines, proc_status, py, read, sh, steady, until


class Attributes(SystemTest):
    def up(self, **keys):
        s = self.run_with({"a": steady(**keys)})
        return s, s.wait_up("a")["pid"]

    def test_no_signal_is_blocked_or_ignored(self):
        """row 104"""
        s, pid = self.up(stop_timeout="10m")
        status = proc_status(pid)
        self.assertEqual((int(status["SigBlk"], 16), int(status["SigIgn"], 16)), (0, 0))
        s.ok("stop", "a")
        self.assertEqual(s.row("a")["last_exit"]["signal"], signal.SIGTERM)

    def test_only_stdin_stdout_and_stderr_are_open(self):
        """architecture: close_range"""
        _, pid = self.up()
        self.assertEqual(sorted(os.listdir(f"/proc/{pid}/fd")), ["0", "1", "2"])
        self.assertEqual(os.readlink(f"/proc/{pid}/fd/0"), "/dev/null")

    def test_it_has_a_session_of_its_own_and_the_shim_for_a_parent(self):
        """architecture: the parent of every worker"""
        s, pid = self.up()
        fields = read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()
        self.assertEqual(int(fields[1]), s.shim())
        self.assertEqual((int(fields[2]), int(fields[3])), (pid, pid))

    def test_oom_score_adj_is_0_unless_it_is_configured(self):
        """architecture: always written, default 0"""
        s = self.run_with({"a": steady(), "b": steady(oom_score_adj=321)})
        self.assertEqual(read(f"/proc/{s.wait_up('a')['pid']}/oom_score_adj").strip(), "0")
        self.assertEqual(read(f"/proc/{s.wait_up('b')['pid']}/oom_score_adj").strip(), "321")

    def test_umask_and_nice_are_those_of_the_file(self):
        """issue 2: umask, nice"""
        _, pid = self.up(umask="0027", nice=7)
        self.assertEqual(proc_status(pid)["Umask"], "0027")
        self.assertEqual(int(read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()[16]), 7)

    def test_the_limit_on_open_files_is_visible(self):
        """row 80"""
        _, pid = self.up(limits={"files": 321})
        limit = [line for line in lines(f"/proc/{pid}/limits") if line.startswith("Max open files")][0].split()
        self.assertEqual(limit[3:5], ["321", "321"])

    def test_it_runs_as_its_user_and_groups(self):
        """issue 2: user, groups"""
        _, pid = self.up(user="nobody", group="daemon", supplementary_groups=["bin", "sys"])
        status = proc_status(pid)
        self.assertEqual(set(status["Uid"].split()), {str(pwd.getpwnam("nobody").pw_uid)})
        self.assertEqual(set(status["Gid"].split()), {"1"})
        self.assertLessEqual({"2", "3"}, set(status["Groups"].split()))
        self.assertNotIn("0", status["Groups"].split())

    def test_another_user_has_no_capability(self):
        """issue 2: capabilities"""
        _, pid = self.up(user="nobody")
        status = proc_status(pid)
        self.assertEqual([int(status[name], 16) for name in ("CapEff", "CapPrm", "CapAmb")], [0, 0, 0])

    def test_listed_capabilities_are_held_and_no_others(self):
        """issue 2: capabilities"""
        _, pid = self.up(user="nobody", security={"capabilities": ["net_bind_service"]})
        status = proc_status(pid)
        self.assertEqual([int(status[name], 16) for name in ("CapEff", "CapPrm", "CapAmb", "CapBnd")], [1 << 10] * 4)

    def test_an_empty_list_of_capabilities_takes_even_roots(self):
        """interface.md: [] = none"""
        _, pid = self.up(security={"capabilities": []})
        status = proc_status(pid)
        self.assertEqual([int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")], [0, 0, 0])

    def test_no_new_privileges_is_the_default_and_can_be_left_out(self):
        """issue 2: no_new_privs"""
        s = self.run_with({"a": steady(), "b": steady(security={"no_new_privileges": False})})
        self.assertEqual(proc_status(s.wait_up("a")["pid"])["NoNewPrivs"], "1")
        self.assertEqual(proc_status(s.wait_up("b")["pid"])["NoNewPrivs"], "0")

    def test_it_begins_in_its_directory(self):
        """interface.md: directory"""
        s = self.prepare()
        s.configure({"a": steady(directory=s.dir)})
        s.start()
        self.assertEqual(os.readlink(f"/proc/{s.wait_up('a')['pid']}/cwd"), s.dir)

    def test_a_string_is_run_by_the_shell(self):
        """interface.md: a string goes to /bin/sh -c"""
        s = self.prepare()
        s.configure({"a": {"command": f"echo $((6*7)) > {s.path('out')}; exec sleep 1000"}})
        s.start()
        until(lambda: lines(s.path("out")) == ["42"], "the shell counted")

    def test_it_is_in_its_own_group_named_after_it(self):
        """architecture: groups are named w-NAME-N"""
        s, pid = self.up()
        self.assertRegex(read(f"/proc/{pid}/cgroup"), r"(?m)^0::.*/w-a-1$")
        self.assertEqual(s.detail("a")["instances"][0]["cgroup_path"], s.group("a"))

    def test_a_user_that_is_not_there_by_default_means_root_with_one_warning(self):
        """interface.md: where that user is absent, root with one warning"""
        try:
            pwd.getpwnam("nova-worker")
            self.skipTest("the user nova-worker exists here")
        except KeyError:
            pass
        s = self.run_with({"a": steady(user=None), "b": steady(user=None)})
        self.assertEqual(proc_status(s.wait_up("a")["pid"])["Uid"].split()[0], "0")
        s.wait_up("b")
        self.assertEqual(s.said().count("nova-worker"), 1, s.said())


class Environment(SystemTest):
    def test_environment_and_file_reach_the_worker_and_the_file_is_read_anew(self):
        """issue 2: environment, files"""
        s = self.prepare()
        with open(s.path("env"), "w") as f:
            f.write("# a comment\nFROM_FILE='first value'\nBOTH=file\n")
        s.configure({"a": steady(environment={"DIRECT": "x y", "BOTH": "direct"}, environment_file=s.path("env"))})
        s.start()
        pid = s.wait_up("a")["pid"]
        got = environ(pid)
        self.assertEqual((got["DIRECT"], got["FROM_FILE"]), ("x y", "first value"))
        self.assertEqual((got["NOVA_WORKER"], got["NOVA_INSTANCE"], got["NOVA_SOCKET"]), ("a", "1", s.socket))
        with open(s.path("env"), "w") as f:
            f.write("FROM_FILE=second\n")
        s.ok("restart", "a")
        self.assertEqual(environ(s.wait_new_pid("a", pid)["pid"])["FROM_FILE"], "second")

    def test_the_supervisors_own_environment_is_not_handed_down(self):
        """issue 2: environment"""
        s = self.prepare({"a": steady()})
        s.environment["PRIVATE_TO_THE_SUPERVISOR"] = "1"
        s.start()
        self.assertNotIn("PRIVATE_TO_THE_SUPERVISOR", environ(s.wait_up("a")["pid"]))

    def test_an_unreadable_environment_file_fails_the_start_with_its_name(self):
        """issue 2, Real input 4: unreadable env files"""
        s = self.run_with({"a": steady(environment_file="/nonexistent/worker.env", autostart=False, backoff=NEVER),
                           "b": steady()})
        self.assertExit(s.cli("start", "a"), 1, "/nonexistent/worker.env", "No such file")
        s.wait_up("b")

    def test_values_of_the_environment_are_listed_nowhere(self):
        """interface.md: environment values are never listed"""
        s = self.prepare()
        with open(s.path("env"), "w") as f:
            f.write("B_TOKEN=v3ry-s3cret-b\n")
        s.configure({"a": steady(environment={"A_TOKEN": "v3ry-s3cret-a"}, environment_file=s.path("env"))})
        s.start()
        s.wait_up("a")
        said = json.dumps([s.api("GET", path) for path in (
            "/v1/workers", "/v1/workers/a", "/v1/workers/a/processes", "/v1/events?limit=1000", "/v1/status",
            "/v1/health", "/metrics")]) + s.ok("status", "a") + s.said()
        self.assertIn("A_TOKEN", s.detail("a")["spec"]["environment_names"])
        self.assertNotIn("v3ry-s3cret", said)
        s.configure({"a": steady(environment={"A_TOKEN": "v3ry-s3cret-c"})})
        self.assertNotIn("v3ry-s3cret", str(s.cli("reload", "-o", "json")) + json.dumps(s.events()))


class Secrets(SystemTest):
    def with_secret(self, **keys):
        s = self.prepare()
        s.write("nova.env", "API_KEY=sk-v3ry-s3cret\nOTHER=x\n")
        os.chmod(os.path.join(s.config, "nova.env"), 0o600)
        s.configure({"a": steady(secrets=["API_KEY"], **keys)})
        s.start()
        return s, s.wait_up("a")["pid"]

    def test_a_secret_is_a_file_with_mode_0400_in_the_credentials_directory(self):
        """issue 2: secrets as credential files"""
        s, pid = self.with_secret()
        directory = environ(pid)["CREDENTIALS_DIRECTORY"]
        path = f"/proc/{pid}/root{directory}/API_KEY"
        self.assertEqual(read(path), "sk-v3ry-s3cret")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o400)
        self.assertEqual(os.listdir(f"/proc/{pid}/root{directory}"), ["API_KEY"])

    def test_a_secret_is_readable_for_the_workers_user_alone(self):
        """issue 2: secrets as credential files"""
        s = self.prepare()
        s.write("nova.env", "API_KEY=sk-v3ry-s3cret\n")
        s.configure({"a": sh('cat "$CREDENTIALS_DIRECTORY/API_KEY" && echo " was read"; exec sleep 1000',
                             user="nobody", secrets=["API_KEY"])})
        s.start()
        pid = s.wait_up("a")["pid"]
        until(lambda: "sk-v3ry-s3cret was read" in s.ok("logs", "a"), lambda: s.ok("logs", "a"))
        info = os.stat(f"/proc/{pid}/root{environ(pid)['CREDENTIALS_DIRECTORY']}/API_KEY")
        self.assertEqual((info.st_uid, stat.S_IMODE(info.st_mode)), (pwd.getpwnam("nobody").pw_uid, 0o400))

    def test_a_secret_is_in_no_environment_command_line_answer_or_event(self):
        """issue 2: secrets; interface.md: never in a listing"""
        s, pid = self.with_secret()
        self.assertNotIn("s3cret", json.dumps(environ(pid)) + read(f"/proc/{pid}/cmdline"))
        said = json.dumps([s.api("GET", path) for path in (
            "/v1/workers", "/v1/workers/a", "/v1/events?limit=1000", "/v1/status", "/metrics")])
        self.assertEqual(s.detail("a")["spec"]["secret_names"], ["API_KEY"])
        self.assertNotIn("s3cret", said + s.ok("status", "a") + s.said())
        for directory, _, names in os.walk(s.state):
            for name in names:
                with open(os.path.join(directory, name), "rb") as f:
                    self.assertNotIn(b"v3ry-s3cret", f.read(), name)

    def test_the_credentials_are_gone_after_the_worker(self):
        """issue 2: secrets as credential files"""
        s, pid = self.with_secret()
        directory = environ(pid)["CREDENTIALS_DIRECTORY"]
        s.ok("stop", "a")
        until(lambda: not os.path.exists(os.path.join(directory, "API_KEY")), "the file is gone")

    def test_a_secret_that_nobody_set_fails_the_start_with_its_name(self):
        """issue 2: secrets"""
        s = self.run_with({"a": steady(secrets=["MISSING_KEY"], autostart=False, backoff=NEVER)})
        self.assertExit(s.cli("start", "a"), 1, "MISSING_KEY")

    def test_credentials_survive_a_crash_of_the_supervisor(self):
        """architecture: no worker is touched"""
        s, pid = self.with_secret()
        s.kill9()
        s.start()
        self.assertEqual(s.wait_up("a")["pid"], pid)
        self.assertEqual(read(f"/proc/{pid}/root{environ(pid)['CREDENTIALS_DIRECTORY']}/API_KEY"), "sk-v3ry-s3cret")


class Nested(SystemTest):
    def test_a_worker_may_make_groups_below_its_own_and_they_are_cleaned_up(self):
        """architecture: stopped only when populated is 0"""
        s = self.prepare()
        s.configure({"a": py(f"""
import os, time
own = [l[3:].strip() for l in open('/proc/self/cgroup') if l.startswith('0::')][0]
place = os.environ['PLACE']
os.mkdir(place + '/inner')
if os.fork() == 0:
    open(place + '/inner/cgroup.procs', 'w').write('0')
    open('{s.path('in')}', 'w')
time.sleep(1000)""", environment={"PLACE": "unset"}, stop_timeout="500ms", autostart=False)})
        s.start()
        root = [root for root in s.roots][0] if s.roots else self.skipTest("there is no cgroup v2")
        s.workers["a"]["environment"] = {"PLACE": f"{root}/w-a-1"}
        s.configure(s.workers)
        s.ok("reload")
        s.ok("start", "a")
        until(lambda: os.path.exists(s.path("in")), "a process is in the inner group")
        s.ok("stop", "a")
        self.assertNoGroup(s, "a")
        until(lambda: s.group("a") is None, "the groups are removed")
