"""Real programs as workers (issue 2, Real input 1): redis-server, nginx and Python's http.server."""

import socket
import urllib.request

from harness import PYTHON, QUICK, SystemTest, alive, argv, free_port, port_stem, signal_pid, until


def get(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
        return answer.status


def ping(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
        s.sendall(b"PING\r\n")
        return s.recv(64)


class RealPrograms(SystemTest):
    def redis(self):
        port = free_port()
        program = self.need("redis-server")
        supervisor = self.prepare()
        supervisor.configure({"redis": argv(
            program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", supervisor.dir,
            ready={"tcp": port}, backoff=QUICK)})
        return supervisor.start(), port

    def nginx(self):
        port = free_port()
        program = self.need("nginx")
        supervisor = self.prepare()
        where = supervisor.dir
        with open(f"{where}/nginx.conf", "w") as f:
            f.write(f"""daemon off; user root; worker_processes 2; pid {where}/pid; error_log stderr;
events {{}}
http {{ access_log off; client_body_temp_path {where}/b; proxy_temp_path {where}/p; fastcgi_temp_path {where}/f;
uwsgi_temp_path {where}/u; scgi_temp_path {where}/s;
server {{ listen 127.0.0.1:{port}; location / {{ return 200 "x"; }} }} }}""")
        supervisor.configure({"nginx": argv(
            program, "-p", where, "-e", "stderr", "-c", f"{where}/nginx.conf",
            ready={"http": f"http://127.0.0.1:{port}/"}, stop_signal="QUIT", backoff=QUICK)})
        return supervisor.start(), port

    def python(self, instances=1):
        stem = port_stem(3)
        supervisor = self.prepare()
        supervisor.configure({"files": {
            "command": [PYTHON, "-m", "http.server", "--bind", "127.0.0.1", f"{stem}%i"],
            "directory": supervisor.dir, "ready": {"tcp": f"{stem}%i"}, "instances": instances, "backoff": QUICK}})
        return supervisor.start(), stem

    def comes_back(self, supervisor, name):
        old = supervisor.wait_state(name, "ready")["pid"]
        signal_pid(old)
        row = supervisor.wait_new_pid(name, old)
        self.assertEqual(row["crashes"], 1)
        self.assertEqual(row["last_exit"]["signal"], 9)
        return supervisor.wait_state(name, "ready")

    def stops_empty(self, supervisor, name, instances=1):
        inside = [pid for number in range(1, instances + 1) for pid in supervisor.members(name, number)]
        self.assertTrue(inside)
        supervisor.ok("stop", name)
        for number in range(1, instances + 1):
            self.assertEqual(supervisor.state_of(name, number), "stopped")
            self.assertNoGroup(supervisor, name, number)
        self.assertEqual([pid for pid in inside if alive(pid)], [])

    def test_redis_is_ready_by_its_port_and_answers(self):
        """issue 2, Real input 1"""
        supervisor, port = self.redis()
        supervisor.wait_state("redis", "ready")
        self.assertEqual(ping(port), b"+PONG\r\n")

    def test_redis_killed_from_outside_is_back_with_one_crash(self):
        """issue 2, Real input 1"""
        supervisor, port = self.redis()
        self.comes_back(supervisor, "redis")
        self.assertEqual(ping(port), b"+PONG\r\n")

    def test_redis_stops_to_an_empty_cgroup(self):
        """issue 2, Real input 1"""
        supervisor, _ = self.redis()
        supervisor.wait_state("redis", "ready")
        self.stops_empty(supervisor, "redis")

    def test_nginx_is_ready_by_its_url_with_its_workers_in_the_group(self):
        """issue 2, Real input 1"""
        supervisor, port = self.nginx()
        supervisor.wait_state("nginx", "ready")
        self.assertEqual(get(port), 200)
        until(lambda: len(supervisor.members("nginx")) == 3, "nginx has a master and two workers in its group")

    def test_nginx_whose_master_is_killed_is_back_without_its_old_workers(self):
        """issue 2, Real input 1"""
        supervisor, port = self.nginx()
        supervisor.wait_state("nginx", "ready")
        old = until(lambda: len(supervisor.members("nginx")) == 3 and supervisor.members("nginx"), "three processes")
        self.comes_back(supervisor, "nginx")
        self.assertEqual([pid for pid in old if alive(pid)], [])
        self.assertEqual(get(port), 200)

    def test_nginx_stops_to_an_empty_cgroup(self):
        """issue 2, Real input 1"""
        supervisor, _ = self.nginx()
        supervisor.wait_state("nginx", "ready")
        self.stops_empty(supervisor, "nginx")

    def test_http_server_scaled_to_3_serves_on_three_ports(self):
        """issue 2, Real input 1"""
        supervisor, stem = self.python()
        supervisor.wait_state("files", "ready")
        self.assertIn("files 1 3", supervisor.ok("scale", "files=3"))
        for number in (1, 2, 3):
            supervisor.wait_state("files", "ready", instance=number)
            self.assertEqual(get(f"{stem}{number}"), 200)
        self.assertEqual(len(set(supervisor.pids("files").values())), 3)

    def test_one_of_three_http_servers_killed_is_back_and_the_others_keep_their_pids(self):
        """issue 2, Real input 1"""
        supervisor, stem = self.python(3)
        for number in (1, 2, 3):
            supervisor.wait_state("files", "ready", instance=number)
        before = supervisor.pids("files")
        signal_pid(before[2])
        supervisor.wait_new_pid("files", before[2], instance=2)
        supervisor.wait_state("files", "ready", instance=2)
        after = supervisor.pids("files")
        self.assertEqual((after[1], after[3]), (before[1], before[3]))
        self.assertEqual(get(f"{stem}2"), 200)

    def test_three_http_servers_stop_to_empty_cgroups(self):
        """issue 2, Real input 1"""
        supervisor, _ = self.python(3)
        for number in (1, 2, 3):
            supervisor.wait_state("files", "ready", instance=number)
        self.stops_empty(supervisor, "files", 3)
