"""What a worker in a network of its own may reach beside the gateway: tunnels by CONNECT, from a confined worker to real sockets.

The worker does as it is told: the test writes a step into a file and reads its answer from another. Must never be
satisfied with a refusal alone: each is beside a tunnel that works.
"""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from edge import Edge
from harness import PATIENCE, PYTHON, SystemTest, environ, py, read, steady, until
from test_gateway_network import apart, descriptors, may_unshare

# Runs each new step file of its directory, and writes what the step's `said` is.
OBEDIENT = """
import hashlib, json, os, socket, sys, threading, time, traceback, urllib.request
place = PLACE
def ask(text, timeout=60):
    c = socket.create_connection(('127.0.0.1', 7481), timeout)
    c.settimeout(timeout)
    if text:
        c.sendall(text if isinstance(text, bytes) else text.encode())
    return c
def head(c):
    data = b''
    while b'\\r\\n\\r\\n' not in data:
        more = c.recv(1)
        if not more:
            break
        data += more
    return data.decode()
def rest(c):
    data = []
    try:
        while True:
            more = c.recv(65536)
            if not more:
                break
            data.append(more)
    except ConnectionError as e:
        pass
    return b''.join(data)
def tunnel(place):
    c = ask(f'CONNECT {place} HTTP/1.1\\r\\nHost: {place}\\r\\n\\r\\n')
    return c, head(c)
def status(text):
    return head(ask(text)).split('\\r\\n')[0]
number = 0
while True:
    path = f'{place}/step.{number}'
    if not os.path.exists(path):
        time.sleep(0.01)
        continue
    names = {name: value for name, value in globals().items() if name not in ('names', 'answer')}
    try:
        exec(open(path).read(), names)
        answer = names.get('said')
    except BaseException:
        answer = traceback.format_exc()
    # What a step has opened ends with it.
    names = None
    with open(f'{place}/said.{number}.new', 'w') as f:
        json.dump(answer, f)
    os.rename(f'{place}/said.{number}.new', f'{place}/said.{number}')
    number += 1
"""


class Target:
    """A TCP server on loopback; each connection is served by `serve` in a thread of its own."""

    def __init__(self, serve):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.serve = serve
        self.taken = 0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.taken += 1
            connection.settimeout(PATIENCE)
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        try:
            with connection:
                self.serve(connection)
        except OSError:
            pass

    def close(self):
        self.listener.close()


# Somebody on the internet who says again what he hears, and a name server that never answers.
OUTSIDE = """
import socket, threading
names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
names.bind(('127.9.9.9', 53))
def echo(c):
    with c:
        while True:
            data = c.recv(65536)
            if not data:
                return
            c.sendall(data)
listener = socket.create_server(('93.184.216.34', 443))
print('ready', flush=True)
while True:
    threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()
"""


def echo(connection):
    """Says again what it hears, until it hears no more."""
    while True:
        data = connection.recv(65536)
        if not data:
            return
        connection.sendall(data)


@unittest.skipUnless(may_unshare(), "a network of its own is not allowed here")
class EgressNetwork(SystemTest):
    def target(self, serve=echo):
        target = Target(serve)
        self.addCleanup(target.close)
        return target

    def begin(self, egress, wrap=None, **keys):
        """A supervisor, an edge, and a confined worker that obeys; waits until its tunnels are answered."""
        s = self.prepare()
        self.number = 0
        self.worker = apart(py(OBEDIENT.replace("PLACE", repr(s.dir)), gateway={"egress": egress}, **keys))
        s.configure({"a": self.worker})
        s.start()
        self.edge = Edge(s, wrap=wrap).launch()
        self.s = s
        s.wait_up("a")
        until(lambda: self.does("said = status('CONNECT nowhere:1 HTTP/1.1\\r\\n\\r\\n')").startswith("HTTP/1.1 403"),
              self.edge.said)
        return s

    def does(self, step, seconds=90):
        """What the worker says after the step."""
        number, self.number = self.number, self.number + 1
        path = self.s.path(f"step.{number}")
        with open(path + ".new", "w") as f:
            f.write(step)
        os.rename(path + ".new", path)
        answer = self.s.path(f"said.{number}")
        until(lambda: os.path.exists(answer), lambda: f"{step}: {self.edge.said()[-1000:]}", seconds)
        return json.loads(read(answer))

    def open_of_edge(self):
        return descriptors(self.edge.process.pid)

    def test_a_listed_place_is_reached_and_nothing_else(self):
        """issue 8, 3: an allow-list by CONNECT, names resolved by the gateway, private addresses refused"""
        target, other = self.target(), self.target()
        named = self.target()
        s = self.begin([f"127.0.0.1:{target.port}", f"localhost:{named.port}", f"LOCALHOST:{named.port}",
                        "10.0.0.1:443", "169.254.169.254:80", "[::ffff:127.0.0.1]:" + str(other.port), "0:80", "2130706433:" + str(other.port),
                        "no.such.name.invalid:443"])
        said = self.does(f"""
c, answer = tunnel('127.0.0.1:{target.port}')
c.sendall(b'hello')
said = [answer, c.recv(100).decode()]
""")
        self.assertEqual(said, ["HTTP/1.1 200 Connection Established\r\n\r\n", "hello"])
        # Bytes that came with the request are passed on too.
        said = self.does(f"c = ask('CONNECT 127.0.0.1:{target.port} HTTP/1.1\\r\\n\\r\\nearly'); said = [head(c)[:12], c.recv(100).decode()]")
        self.assertEqual(said, ["HTTP/1.1 200", "early"])
        before = target.taken
        refused = {
            f"127.0.0.1:{other.port}": 403, f"127.0.0.2:{target.port}": 403, f"[::1]:{target.port}": 403,
            f"127.1:{target.port}": 403, f"2130706433:{target.port}": 403, f"127.0.0.1.:{target.port}": 403,
            f"localhost:{target.port}": 403, "api.stripe.com:443": 403,
            # Listed, but not what may be reached.
            f"localhost:{named.port}": 403, f"LocalHost:{named.port}": 403, "10.0.0.1:443": 403, "169.254.169.254:80": 403,
            f"[::ffff:127.0.0.1]:{other.port}": 403, "0:80": 403, f"2130706433:{other.port}": 403,
            "no.such.name.invalid:443": 502}
        said = self.does(f"said = dict((p, status(f'CONNECT {{p}} HTTP/1.1\\r\\n\\r\\n')) for p in {list(refused)!r})")
        self.assertEqual({p: int(line.split()[1]) for p, line in said.items()}, refused)
        self.assertEqual((target.taken, other.taken, named.taken), (before, 0, 0))
        told = self.does(f"said = rest(tunnel('localhost:{named.port}')[0]).decode()")
        self.assertEqual(told, f"cannot connect to localhost:{named.port}: its address is not public "
                               "(only public addresses, or a loopback address that is listed by its number)\n")
        told = self.does("said = rest(tunnel('api.stripe.com:443')[0]).decode()")
        self.assertEqual(told, "cannot connect to api.stripe.com:443: it is not in the worker's gateway.egress (add it there)\n")
        # What is no tunnel is the gateway's as before.
        self.assertIn("HTTP/1.1 403", self.does("said = status('POST /v1/messages HTTP/1.1\\r\\nHost: n\\r\\nContent-Length: 2\\r\\n\\r\\n{}')"))
        # A worker's log of refusals is a line a minute.
        self.assertLessEqual(self.edge.said().count("cannot connect"), 1, self.edge.said())
        # Taken off the list, what is open ends and nothing new opens.
        self.does(f"import builtins; builtins.kept, answer = tunnel('127.0.0.1:{target.port}'); said = answer")
        self.worker["gateway"] = {"egress": [f"localhost:{named.port}"]}
        s.configure({"a": self.worker})
        s.ok("reload")
        self.assertEqual(self.does("import builtins; said = rest(builtins.kept).decode()"), "")
        self.assertIn("403", self.does(f"said = tunnel('127.0.0.1:{target.port}')[1]"))

    @unittest.skipUnless(shutil.which("ip") and shutil.which("nsenter"), "ip and nsenter are not installed")
    def test_names_are_looked_up_and_each_address_is_judged(self):
        """issue 8, 3: a public name is reached, a private one is not, one of both only where it is public; a slow one holds nobody up"""
        place = tempfile.mkdtemp(dir="/tmp")
        self.addCleanup(shutil.rmtree, place)
        hosts, resolver = os.path.join(place, "hosts"), os.path.join(place, "resolv.conf")
        with open(hosts, "w") as f:
            f.write("93.184.216.34 public.test\n10.0.0.7 private.test\n127.0.0.1 loop.test\n"
                    "10.0.0.7 mixed.test\n93.184.216.34 mixed.test\n93.184.216.35 nobody.test\n")
        with open(resolver, "w") as f:
            f.write("nameserver 127.9.9.9\noptions timeout:30 attempts:5\n")
        # An internet of its own for the edge alone: the worker's listener comes by descriptor.
        script = (f"mount --bind {hosts} /etc/hosts && mount --bind {resolver} /etc/resolv.conf && ip link set lo up && "
                  "ip address add 93.184.216.34/32 dev lo && exec \"$@\"")
        places = [f"{name}.test:443" for name in ("public", "private", "loop", "mixed", "slow", "nobody")]
        s = self.begin(places + ["public.test:444"], wrap=["/usr/bin/unshare", "-mn", "/bin/sh", "-c", script, "sh"])
        outside = subprocess.Popen(["nsenter", "-t", str(self.edge.process.pid), "-n", PYTHON, "-ISc", OUTSIDE],
                                   stdout=subprocess.PIPE, text=True)
        s.background.append(outside)
        self.assertEqual(outside.stdout.readline(), "ready\n")
        outside.stdout.close()
        said = self.does(f"said = [tunnel(p)[1].split()[1] for p in {places[:4]!r} + ['public.test:444', 'nobody.test:443']]")
        self.assertEqual(said, ["200", "403", "403", "200", "502", "502"])
        # While a name server is silent another tunnel goes on, and the one who waits is told in time.
        said = self.does("""
waiting = [ask('CONNECT slow.test:443 HTTP/1.1\\r\\n\\r\\n') for _ in range(3)]
waiting[2].close()
c, answer = tunnel('public.test:443')
started = time.monotonic()
slowest, rounds = 0, 0
while time.monotonic() - started < 12:
    before = time.monotonic()
    c.sendall(b'x')
    c.recv(1)
    slowest = max(slowest, time.monotonic() - before)
    rounds += 1
    time.sleep(0.01)
said = [slowest, rounds, [head(w).split('\\r\\n')[0] for w in waiting[:2]], rest(waiting[0]).decode()]
""")
        self.assertLess(said[0], 2, "the loop has waited for a name")
        self.assertGreater(said[1], 100)
        self.assertEqual(said[2], ["HTTP/1.1 504 Gateway Timeout"] * 2)
        self.assertIn("cannot connect to slow.test:443: ", said[3])

    def test_clients_find_it_by_their_environment(self):
        """issue 8, 3: HTTPS_PROXY of the worker; the owner's own wins"""
        s = self.begin(["127.0.0.1:1"], environment={"https_proxy": "http://mine"})
        self.assertEqual({k: v for k, v in environ(s.row("a")["pid"]).items() if "proxy" in k.lower()},
                         {"https_proxy": "http://mine", "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"})
        s.configure({"a": apart(steady(gateway={"egress": ["127.0.0.1:1"]})), "none": apart(steady()), "host": steady()})
        s.ok("reload")
        for name in ("none", "host"):
            self.assertNotIn("proxy", str(environ(s.wait_up(name)["pid"])).lower())
        s.ok("restart", "a")
        found = environ(until(lambda: (lambda row: row if row["pid"] and "sleep" in read(f"/proc/{row['pid']}/cmdline", "") else None)(s.row("a")),
                              "the new command runs")["pid"])
        self.assertEqual((found["HTTPS_PROXY"], found["https_proxy"]), ("http://127.0.0.1:7481",) * 2)

    def test_python_speaks_through_it(self):
        """issue 8, 3: an ordinary client, by the variables it finds"""
        def answer(connection):
            asked = connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell" if asked.startswith(b"GET / ") else b"HTTP/1.1 400 No\r\n\r\n")
        target = self.target(answer)
        self.begin([f"127.0.0.1:{target.port}"])
        said = self.does(f"""
import http.client, urllib.parse
proxy = urllib.parse.urlsplit(os.environ['HTTPS_PROXY'])
c = http.client.HTTPConnection(proxy.hostname, proxy.port, timeout=60)
c.set_tunnel('127.0.0.1', {target.port})
c.request('GET', '/')
r = c.getresponse()
said = [r.status, r.read().decode()]
""")
        self.assertEqual(said, [200, "well"])
        said = self.does("""
import http.client
c = http.client.HTTPConnection('127.0.0.1', 7481, timeout=60)
c.set_tunnel('api.openai.com', 443)
try:
    c.request('GET', '/')
except OSError as e:
    said = str(e)
""")
        self.assertEqual(said, "Tunnel connection failed: 403 Forbidden")

    def test_bytes_go_both_ways_whole_and_each_way_ends_by_itself(self):
        """issue 8, 3: ten megabytes, half-close, backpressure"""
        heard = {}

        def whole(connection):
            """Hears everything to its end, and only then answers."""
            digest, count = hashlib.sha256(), 0
            while True:
                data = connection.recv(65536)
                if not data:
                    break
                digest.update(data)
                count += len(data)
            heard["last"] = count
            connection.sendall(f"{count} {digest.hexdigest()}".encode())

        def first(connection):
            """Speaks first and ends its side, then listens."""
            connection.sendall(b"220 ready\r\n")
            connection.shutdown(socket.SHUT_WR)
            heard["after"] = connection.recv(100) + connection.recv(100)

        mirror, digesting, speaking = self.target(), self.target(whole), self.target(first)
        self.begin([f"127.0.0.1:{t.port}" for t in (mirror, digesting, speaking)])
        said = self.does(f"""
data = os.urandom(10 << 20)
c, answer = tunnel('127.0.0.1:{mirror.port}')
sender = threading.Thread(target=lambda: (c.sendall(data), c.shutdown(socket.SHUT_WR)))
sender.start()
back = rest(c)
sender.join()
said = [len(back), back == data]
""")
        self.assertEqual(said, [10 << 20, True])
        until(lambda: "10485760 bytes out, 10485760 bytes back" in self.edge.said(), self.edge.said)
        # Who does not read holds the other back, and gets all of it in the end.
        said = self.does(f"""
data = os.urandom(1 << 20) * 48
c, answer = tunnel('127.0.0.1:{mirror.port}')
sent = []
def push():
    for at in range(0, len(data), 65536):
        c.sendall(data[at:at + 65536])
        sent.append(1)
    c.shutdown(socket.SHUT_WR)
sender = threading.Thread(target=push)
sender.start()
last = -1
while last != len(sent):
    last = len(sent)
    time.sleep(0.5)
back = rest(c)
sender.join()
said = [back == data, last < len(data) // 65536]
""")
        self.assertEqual(said, [True, True], "the sender stood still before anybody read")
        said = self.does(f"""
data = b'x' * 1000003
c, answer = tunnel('127.0.0.1:{digesting.port}')
c.sendall(data)
c.shutdown(socket.SHUT_WR)
said = [rest(c).decode(), hashlib.sha256(data).hexdigest()]
""")
        self.assertEqual(said[0], f"1000003 {said[1]}")
        said = self.does(f"""
c, answer = tunnel('127.0.0.1:{speaking.port}')
greeting = rest(c).decode()
c.sendall(b'thanks')
c.shutdown(socket.SHUT_WR)
said = greeting
""")
        self.assertEqual(said, "220 ready\r\n")
        until(lambda: heard.get("after") == b"thanks", lambda: heard)

    def test_hostile_askers_and_no_descriptor_more(self):
        """issue 8, 3: garbage, long headers, silence, half a word; a hundred tunnels; 64 at once"""
        target = self.target()
        self.begin([f"127.0.0.1:{target.port}", "127.0.0.1:1"])
        place = f"127.0.0.1:{target.port}"
        lines = {
            f"CONNECT {place}\r\n\r\n": 400, f"CONNECT {place} HTTP/2\r\n\r\n": 400, f"CONNECT  {place} HTTP/1.1\r\n\r\n": 400,
            f"CONNECT http://{place}/ HTTP/1.1\r\n\r\n": 400, "CONNECT 127.0.0.1 HTTP/1.1\r\n\r\n": 400, "CONNECT :80 HTTP/1.1\r\n\r\n": 400,
            f"CONNECT 127.0.0.1:0{target.port} HTTP/1.1\r\n\r\n": 400, "CONNECT 127.0.0.1:99999 HTTP/1.1\r\n\r\n": 400,
            f"CONNECT a@{place} HTTP/1.1\r\n\r\n": 400, f"CONNECT {place} HTTP/1.1\r\nno colon\r\n\r\n": 400,
            f"CONNECT {place} HTTP/1.1\r\nX: \x00\r\n\r\n": 400, "CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n": 502,
            # Another word is the gateway's, which hangs up on what is no request.
            "CONNECTED\r\n\r\n": 0}
        said = self.does(f"said = dict((t, status(t)) for t in {list(lines)!r})")
        self.assertEqual({t: int((line.split() + [0, 0])[1]) for t, line in said.items()}, lines)
        said = self.does(f"""
c = ask('CONNECT {place} HTTP/1.1\\r\\nX: ' + 'x' * 100000 + '\\r\\n\\r\\n')
said = [head(c).split('\\r\\n')[0], rest(c).decode()]
""")
        self.assertEqual(said, ["HTTP/1.1 431 Request Header Fields Too Large", "cannot read the request for a tunnel: it is longer than 8192 bytes\n"])
        # Byte by byte it is the same tunnel.
        said = self.does(f"""
c = ask('')
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for byte in b'CONNECT {place} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n':
    c.sendall(bytes([byte]))
    time.sleep(0.002)
said = head(c)[:12]
""")
        self.assertEqual(said, "HTTP/1.1 200")
        # Those who say nothing or half a word cost no time of the processor and hold nobody up.
        before = self.open_of_edge()
        spent = self.cpu()
        self.does(f"""
import builtins
builtins.silent = [ask(''), ask('CONN'), ask('CONNECT {place}'), ask('POST /v1/mess')]
said = 1
""")
        started = time.monotonic()
        late = self.does("import builtins; said = [head(builtins.silent[2]).split('\\r\\n')[0], rest(builtins.silent[2]).decode()]")
        self.assertEqual(late, ["HTTP/1.1 408 Request Timeout", "cannot read the request for a tunnel: it did not come within 10 seconds\n"])
        self.assertGreater(time.monotonic() - started, 5)
        self.assertEqual(self.does(f"said = tunnel('{place}')[1][:12]"), "HTTP/1.1 200")
        self.assertLess(self.cpu() - spent, 3)
        self.does("import builtins; [c.close() for c in builtins.silent]; said = 1")
        # A hundred in turn, each used; every third is torn instead of closed.
        self.does(f"""
import struct
for n in range(100):
    c, answer = tunnel('{place}')
    assert answer.startswith('HTTP/1.1 200'), answer
    c.sendall(b'y' * 1000)
    assert len(c.recv(1000, socket.MSG_WAITALL)) == 1000
    if n % 3 == 0:
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    c.close()
said = 1
""")
        until(lambda: self.open_of_edge() <= before, lambda: f"{self.open_of_edge()} descriptors, {before} before")
        # 64 at once, and one more when one of them has ended.
        said = self.does(f"""
import builtins
builtins.many = [tunnel('{place}') for _ in range(70)]
said = [answer.split('\\r\\n')[0] for _, answer in builtins.many]
""")
        self.assertEqual(said, ["HTTP/1.1 200 Connection Established"] * 64 + ["HTTP/1.1 503 Service Unavailable"] * 6)
        self.assertEqual(self.does(f"""
import builtins
c = builtins.many[0][0]
c.sendall(b'z')
said = c.recv(1).decode()
c.shutdown(socket.SHUT_WR)
said += rest(c).decode()
c.close()
for _ in range(200):
    answer = tunnel('{place}')[1]
    if ' 200 ' in answer:
        break
    time.sleep(0.05)
said += answer[:12]
"""), "zHTTP/1.1 200")
        # The worker ends, and all that was its own with it.
        self.s.ok("stop", "a")
        until(lambda: self.open_of_edge() <= before, lambda: f"{self.open_of_edge()} descriptors, {before} before")

    def cpu(self):
        """Seconds of the processor that the edge has used."""
        fields = read(f"/proc/{self.edge.process.pid}/stat").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
