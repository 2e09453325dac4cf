"""Metrics as Prometheus itself sees them: Debian's promtool judges, Debian's prometheus scrapes a real supervisor."""

import json
import os
import re
import shutil
import subprocess
import unittest
import urllib.parse
import urllib.request

try:
    import yaml
except ImportError:
    yaml = None

from edge import with_edge
from harness import PATIENCE, QUICK, TOP, SystemTest, UnixHTTP, free_port, py, read, sh, steady, until

PROMTOOL, PROMETHEUS = shutil.which("promtool"), shutil.which("prometheus")
DEPLOY = os.path.join(TOP, "deploy")


def families(text):
    """{name: ({label names} of each sample)} of an exposition text."""
    found = {}
    for line in text.splitlines():
        match = re.match(r"([a-z_]+)(?:\{(.*)\})? \S+$", line)
        if match:
            found.setdefault(match[1], set()).update(re.findall(r'([a-z_]+)="', match[2] or ""))
    return found


def documented():
    """{name: {label names}} of the reference."""
    rows = re.findall(r"^\| `(nova_[a-z_]+)` \| \w+ \| ([^|]*)\|", read(os.path.join(TOP, "docs/reference/metrics.md")), re.M)
    return {name: set(re.findall(r"`([a-z_]+)`", labels)) for name, labels in rows}


def names_in(text):
    """What looks like a metric of ours in expressions, but for what our rules record."""
    recorded = set(re.findall(r"record: (\S+)", read(os.path.join(DEPLOY, "prometheus", "nova.rules.yml"))))
    return set(re.findall(r"\bnova[_:][a-z0-9_:]+\b", text)) - recorded


class Pages(SystemTest):
    """What is exposed, in both formats."""

    def scrape(self, s, accept):
        connection = UnixHTTP(s.socket, PATIENCE)
        connection.request("GET", "/metrics", headers={"Accept": accept})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.headers["Content-Type"], body

    def fleet(self):
        s = self.run_with({"a": steady(), "b": steady(instances=2), "crash": sh("exit 1", backoff=QUICK, max_crashes=2),
                           "busy": py("while True: pass")}, {"budget": {"daily": "5.00"}})
        call = {"id": "c1", "worker": "a", "provider": "p", "model": "m", "at": "2026-01-01T00:00:00Z", "duration_milliseconds": 1,
                "status": 200, "outcome": "completed", "streamed": False, "input_tokens": 5, "output_tokens": 7, "cost_pico_usd": "9000000",
                "estimated": False}
        self.assertEqual(s.api("POST", "/v1/gateway/calls", {"calls": [call], "close": []})[0], 200)
        until(lambda: 'nova_instance_cpu_seconds_total{worker="busy"' in s.api("GET", "/metrics")[1], "a reading is there")
        return s

    def test_names_and_labels_are_those_of_the_reference(self):
        s = self.fleet()
        kind, text = self.scrape(s, "text/plain")
        self.assertTrue(kind.startswith("text/plain; version=0.0.4"), kind)
        self.assertEqual(families(text), documented())
        kind, open_text = self.scrape(s, "application/openmetrics-text; version=1.0.0")
        self.assertTrue(kind.startswith("application/openmetrics-text; version=1.0.0"), kind)
        self.assertTrue(open_text.endswith("# EOF\n"))
        # The same samples; OpenMetrics names the family of a counter without its _total.
        self.assertEqual(families(open_text), documented())
        self.assertIn("# TYPE nova_instance_restarts counter", open_text)

    def test_no_label_is_what_a_worker_says(self):
        s = self.run_with({"loud": steady()})
        # Its first reading brings series of its own.
        until(lambda: 'nova_instance_cpu_seconds_total{worker="loud"' in s.api("GET", "/metrics")[1], "a reading is there")
        before = len(self.scrape(s, "text/plain")[1].splitlines())
        for number in range(20):
            self.assertEqual(s.api("POST", "/v1/revenue", {"worker": "loud", "amount_usd": "1.00", "id": f"x{number}",
                                                           "source": f"source-{number}"})[0], 200)
        text = self.scrape(s, "text/plain")[1]
        self.assertNotIn("source-", text)
        self.assertLess(len(text.splitlines()) - before, 5, "twenty sources make no new series")

    @unittest.skipUnless(PROMTOOL, "promtool is not installed")
    def test_promtool_finds_nothing(self):
        s = self.fleet()
        _, text = self.scrape(s, "text/plain")
        done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))


class Deployed(SystemTest):
    """What deploy/ brings for Prometheus and Grafana."""

    @unittest.skipUnless(PROMTOOL, "promtool is not installed")
    def test_the_rules_are_good_and_fire(self):
        rules = os.path.join(DEPLOY, "prometheus", "nova.rules.yml")
        for words in (["check", "rules", rules], ["test", "rules", os.path.join(DEPLOY, "prometheus", "nova.rules.test.yml")]):
            done = subprocess.run([PROMTOOL, *words], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(names_in(read(rules)) - set(documented()), set(), "rules name what is not exposed")

    def test_the_dashboard_names_what_is_exposed(self):
        boards = os.path.join(DEPLOY, "grafana", "dashboards")
        for name in os.listdir(boards):
            expressions = [target["expr"] for panel in json.loads(read(os.path.join(boards, name)))["panels"]
                           for target in panel.get("targets", [])]
            self.assertGreater(len(expressions), 5)
            for expression in expressions:
                self.assertIn("nova", expression)
                self.assertEqual(names_in(expression) - set(documented()), set(), expression)


    @unittest.skipUnless(yaml, "python3-yaml is not installed")
    def test_grafana_finds_what_it_is_told(self):
        place = os.path.join(DEPLOY, "grafana", "provisioning")
        sources = yaml.safe_load(read(os.path.join(place, "datasources", "nova.yaml")))
        providers = yaml.safe_load(read(os.path.join(place, "dashboards", "nova.yaml")))
        self.assertEqual((sources["apiVersion"], providers["apiVersion"]), (1, 1))
        self.assertEqual([(one["type"], one["access"], one["url"]) for one in sources["datasources"]],
                         [("prometheus", "proxy", "http://127.0.0.1:9090")])
        self.assertEqual([one["type"] for one in providers["providers"]], ["file"])
        page = read(os.path.join(TOP, "docs", "how-to", "watch-with-prometheus.md"))
        self.assertIn(providers["providers"][0]["options"]["path"], page, "where the page says to put the dashboard")
        boards = os.path.join(DEPLOY, "grafana", "dashboards")
        for name in os.listdir(boards):
            board = json.loads(read(os.path.join(boards, name)))
            kinds = {one["name"]: one["query"] for one in board["templating"]["list"] if one["type"] == "datasource"}
            for panel in board["panels"]:
                source = panel.get("datasource", {"type": "prometheus", "uid": "${source}"})
                self.assertEqual(kinds.get(source["uid"].strip("${}")), source["type"], panel["title"])


class Scraping(SystemTest):
    """A real prometheus, a real nova-edge, a real supervisor."""

    @unittest.skipUnless(PROMETHEUS and PROMTOOL, "prometheus is not installed")
    def test_prometheus_scrapes_and_answers(self):
        s, edge, tokens = with_edge(self, {"a": steady(), "busy": py("while True: pass")})
        port = free_port()
        home = s.path("prometheus")
        os.mkdir(home)
        with open(os.path.join(home, "nova.token"), "w") as f:
            f.write(tokens["read"])
        shutil.copy(os.path.join(DEPLOY, "prometheus", "nova.rules.yml"), home)
        # The file as it is delivered, with this test's places and a shorter interval.
        text = read(os.path.join(DEPLOY, "prometheus", "nova.yml"))
        for old, new in (("/etc/prometheus/nova.token", os.path.join(home, "nova.token")),
                         ("127.0.0.1:7480", f"127.0.0.1:{edge.port}"), ("scrape_interval: 15s", "scrape_interval: 1s")):
            self.assertIn(old, text)
            text = text.replace(old, new)
        config = os.path.join(home, "prometheus.yml")
        with open(config, "w") as f:
            f.write(text)
        checked = subprocess.run([PROMTOOL, "check", "config", config], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        said = open(os.path.join(home, "said"), "wb")
        self.addCleanup(said.close)
        s.background.append(subprocess.Popen(
            [PROMETHEUS, f"--config.file={config}", f"--storage.tsdb.path={home}/data", f"--web.listen-address=127.0.0.1:{port}"],
            stdout=said, stderr=said, stdin=subprocess.DEVNULL))

        def ask(expression):
            url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    return json.load(answer)["data"]["result"]
            except OSError:
                return []

        until(lambda: [r for r in ask('up{job="nova"}') if r["value"][1] == "1"], lambda: read(os.path.join(home, "said"))[-2000:])
        workers = until(lambda: ask("nova_instance_up == 1"), "the workers' values are there")
        # `instance` is the address that was scraped: ours comes as exported_instance, as the rules have it.
        self.assertEqual({(r["metric"]["worker"], r["metric"]["exported_instance"]) for r in workers}, {("a", "1"), ("busy", "1")})
        seen = until(lambda: ask('nova_instance_cpu_seconds_total{worker="busy"} > 0'), "CPU time is there")
        now = next(row["cpu_usage_usec"] for row in s.json("ps") if row["name"] == "busy")
        self.assertLessEqual(float(seen[0]["value"][1]), now / 1e6)
        # Every expression of the dashboard is one that this server takes.
        board = json.loads(read(os.path.join(DEPLOY, "grafana", "dashboards", "nova-fleet.json")))
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                expression = target["expr"].replace("$__rate_interval", "1m").replace("$worker", ".*")
                url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
                with urllib.request.urlopen(url, timeout=5) as answer:
                    self.assertEqual(json.load(answer)["status"], "success", expression)
