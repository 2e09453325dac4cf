"""The page in headless Chromium: shown equals the API, buttons act, nothing a worker says breaks out, for eyes, keys and
screen readers, wide and narrow."""

import re

from harness import NEVER, NOTIFY, QUICK, alive, py, sh, steady, until
from pages import PageTest, money, roi

HOSTILE = """<img src=x onerror="window.broken=1"></span></script><script>window.broken=2</script>"'`&amp;${window.broken=3}{{7*7}}"""


class Shown(PageTest):
    def test_every_row_is_what_the_api_says(self):
        s, edge, b = self.page({
            "steady": steady(instances=2), "crasher": sh("exit 3", backoff=NEVER), "off": steady(autostart=False),
            "talker": py(NOTIFY + "notify('STATUS=counting sheep'); time.sleep(1000)"),
            "long-" + "x" * 58: steady()})
        s.wait_state("crasher", "backoff")
        until(lambda: (s.row("talker") or {}).get("status_text"), "the talker talks")

        def same():
            rows = {f"{r['name']}@{r['instance']}": r for r in s.rows()}
            for target, row in rows.items():
                shown = self.row(target)
                if shown is None:
                    return False
                wanted = {"name": row["name"], "number": f"@{row['instance']}", "state": row["state"],
                          "cost": money(row["cost_per_hour_usd"]), "roi": roi(row["roi_percent"])}
                if {key: shown[key] for key in wanted} != wanted:
                    self.last = (shown, wanted)
                    return False
            return len(rows) == b.script("return document.querySelectorAll('.rows .row').length")

        self.last = None
        until(same, lambda: f"every row is shown as the API has it: {self.last}")
        self.assertIn("left, crashes 1/5", self.row("crasher@1")["why"])
        self.assertEqual(self.row("off@1")["cpu"], "–", "what does not run has no reading")
        self.assertEqual(b.said(), [])

    def test_unknown_is_never_nought(self):
        s, edge, b = self.page({"a": steady()})
        status = s.api("GET", "/v1/status")[1]
        for field, css in (("revenue_today_usd", "#revenue-value"), ("cost_today_usd", "#spend-value")):
            until(lambda: b.text(css) == money(s.api("GET", "/v1/status")[1][field]), lambda: f"{css}: {b.text(css)}, {status}")
        if status["revenue_today_usd"] is None:
            self.assertEqual([b.text("#profit-value"), b.text("#roi-value")], ["?", "?"])

    def test_changes_show_without_a_reload(self):
        s, edge, b = self.page({"a": steady(), "b": steady()})
        b.script("window.kept = true")
        s.ok("stop", "a")
        until(lambda: (self.row("a@1") or {}).get("state") == "stopped", lambda: f"the stop shows: {self.row('a@1')}")
        s.ok("scale", "b=3")
        until(lambda: self.row("b@3"), "new instances show")
        s.configure({"b": steady()})
        s.ok("reload")
        until(lambda: self.row("a@1") is None, "a worker that is gone is gone here")
        until(lambda: any("stopped" in text for text in b.texts("#rail-events li")), lambda: b.texts("#rail-events li"))
        self.assertTrue(b.script("return window.kept"))

    def test_a_supervisor_and_an_edge_that_go_and_come_back(self):
        s, edge, b = self.page({"a": steady()})
        s.kill9()
        until(lambda: b.text("#link-state") == "supervisor away", lambda: b.text("#link-state"))
        s.start()
        until(lambda: b.text("#link-state") == "live", lambda: b.text("#link-state"))
        edge.kill9()
        until(lambda: b.text("#link-state") == "reconnecting", lambda: b.text("#link-state"))
        s.ok("stop", "a")
        edge.start()
        until(lambda: (self.row("a@1") or {}).get("state") == "stopped", "what happened meanwhile shows")
        until(lambda: any("stopped" in text for text in b.texts("#rail-events li")), lambda: b.texts("#rail-events li"))

    def test_a_workers_own_page(self):
        s, edge, b = self.page({"a": sh("echo hello from a; echo oops >&2; exec sleep 1000", instances=2, limits={"memory": "64M"})})
        s.wait_up("a", 2)
        b.one('.rows [data-target="a@1"] .state').click()
        until(lambda: b.text("#page-worker h1") == "a", "its page opens")
        until(lambda: "hello from a" in (b.text(".log") or ""), lambda: f"its output shows: {b.text('.log')}")
        row = s.row("a")
        until(lambda: str(row["pid"]) in (b.text('#page-worker tr[data-target="a@1"]') or ""), "its process shows")
        until(lambda: "64.0 MiB" in b.script("return document.querySelector('#page-worker').textContent"), "its limit shows")
        b.script("history.back()")
        until(lambda: b.script("return !document.getElementById('page-fleet').hidden"), "back leads back")
        self.assertEqual(b.said(), [])

    def load(self, b, edge):
        """Milliseconds from the navigation to the first row of a page that is opened anew."""
        b.open("about:blank")
        b.open(edge.origin + "/")
        until(lambda: b.script("return document.querySelectorAll('.rows .row').length > 5"), "rows are there")
        return round(b.script("return performance.getEntriesByName('first-rows')[0].startTime"))

    def test_a_thousand_workers_are_a_screenful_of_rows(self):
        s, edge, b = self.page({"w": steady(instances=1000, max_instances=1000, autostart=False), "z": steady()})
        self.assertEqual(len(s.rows()), 1001)
        until(lambda: b.text("#fleet-value") == "1 / 1001", lambda: b.text("#fleet-value"))
        count = b.script("return document.querySelectorAll('.rows .row').length")
        self.assertLess(count, 60)
        self.figure = f"page load of 1,001 rows {self.load(b, edge)} ms until the first row is drawn"
        self.assertEqual(b.script("return document.getElementById('grid').getAttribute('aria-rowcount')"), "1002")
        b.script("document.querySelector('.rows').scrollTop = 1e9")
        until(lambda: self.row("w@1000"), "the last one is there when it is looked for")
        b.one("#search").type("z")
        until(lambda: b.texts(".rows .worker-name") == ["z"], lambda: b.texts(".rows .worker-name"))


    def test_pages_that_nobody_sees_hold_no_connection(self):
        s, edge, b = self.page({"a": steady()})
        # A browser opens six connections to an address: the ninth page would wait for ever.
        for _ in range(8):
            b.open("about:blank")
            b.open(edge.origin + "/")
            until(lambda: b.text("#link-state") == "live", "the page that was opened anew is live")
        for _ in range(8):
            tab = b.call("POST", "/window/new", {"type": "tab"})["handle"]
            b.call("POST", "/window", {"handle": tab})
            b.open(edge.origin + "/")
            until(lambda: b.text("#link-state") == "live", "one more tab is live")
        first = b.call("GET", "/window/handles")[0]
        b.call("POST", "/window", {"handle": first})
        s.ok("pause", "a")
        until(lambda: self.row("a@1")["state"] == "paused", "a page that is seen again shows what is")


class Acting(PageTest):
    def choose(self, target, title):
        b = self.browser
        b.script("document.querySelector(`[data-target=\"${arguments[0]}\"] .act button`).click()", target)
        until(lambda: title in b.texts(".menu [role=menuitem]"), lambda: f"{title} is offered: {b.texts('.menu [role=menuitem]')}")
        [item for item in b.all(".menu [role=menuitem]") if item.text == title][0].click()

    def test_buttons_do_what_they_say_after_a_yes(self):
        s, edge, b = self.page({"a": steady(backoff=QUICK)})
        pid = s.wait_up("a")["pid"]
        until(lambda: (self.row("a@1") or {}).get("state") in ("running", "ready"), "it runs")
        self.choose("a@1", "Stop")
        self.assertIn("Stop a@1?", b.text("#confirm"))
        b.one("#confirm button[value=no]").click()
        self.assertTrue(alive(pid), "no is no")
        self.choose("a@1", "Kill")
        b.one("#confirm-yes").click()
        new = s.wait_new_pid("a", pid)["pid"]
        until(lambda: (self.row("a@1") or {}).get("state") in ("running", "ready"), "it is back")
        self.choose("a@1", "Stop")
        b.one("#confirm-yes").click()
        s.wait_state("a", "stopped")
        self.assertFalse(alive(new))
        until(lambda: (self.row("a@1") or {}).get("state") == "stopped", "it shows")
        self.choose("a@1", "Start")
        s.wait_up("a")
        actors = {event["actor"] for event in s.api("GET", "/v1/events?worker=a&limit=100")[1]}
        self.assertIn("login:uid:0", actors)

    def test_scaling_on_the_workers_page(self):
        s, edge, b = self.page({"a": steady(max_instances=5)})
        s.wait_up("a")
        b.open(edge.origin + "/#/worker/a")
        b.one('#page-worker [data-verb="scale"]').click()
        field = b.one("#field-count")
        b.script("document.getElementById('field-count').value = ''")
        field.type("3")
        b.one("#confirm-yes").click()
        s.wait_up("a", 3)
        until(lambda: len(b.all('#page-worker [data-part="instances"] tbody tr')) == 3, "three are shown")

    def test_who_may_only_look_is_offered_nothing_else(self):
        s, edge, b = self.page({"a": steady()}, role="read")
        until(lambda: self.row("a@1"), "it is shown")
        b.script("document.querySelector('[data-target=\"a@1\"] .act button').click()")
        self.assertEqual(b.texts(".menu [role=menuitem]"), ["Details and logs (you may only look)"])
        status = b.script("""return fetch("/v1/actions", {method: "POST", headers: {"Content-Type": "application/json"},
            body: JSON.stringify({targets: ["a"], action: "stop"})}).then((answer) => answer.status)""")
        self.assertEqual(status, 403)


class Hostile(PageTest):
    """All worker text is escaped; the policy stops what would get through."""

    def test_nothing_a_worker_says_becomes_more_than_text(self):
        code = NOTIFY + f"\nimport sys\nt = {HOSTILE!r}\nnotify('STATUS=' + t)\nprint(t)\nprint(chr(27) + '[31mred' + chr(27) + ']0;title' + chr(7))\nsys.stdout.flush()\ntime.sleep(1000)\n"
        s, edge, b = self.page({"a": py(code), "b": sh(f"exit 7 # {HOSTILE}", backoff=NEVER)})
        until(lambda: (s.row("a") or {}).get("status_text"), "it has said it")
        until(lambda: "onerror" in ((self.row("a@1") or {}).get("why") or ""), lambda: f"it is shown as it is: {self.row('a@1')}")
        b.open(edge.origin + "/#/worker/a")
        until(lambda: "onerror" in (b.text(".log") or ""), lambda: f"the output is text: {b.text('.log')}")
        self.assertIn("red", b.text(".log"))
        self.assertNotIn("\x1b", b.script("return document.querySelector('.log').textContent"))
        b.open(edge.origin + "/#/worker/b")
        until(lambda: "onerror" in (b.text("#page-worker .command") or ""), "the command is text")
        for place in ("#/worker/" + HOSTILE.replace("/", "%2F"), "#/<img src=x onerror=window.broken=4>", "#login=<script>"):
            b.open(edge.origin + "/" + place)
        b.open(edge.origin + "/#/events")
        until(lambda: b.texts("#events li"), "events are shown")
        self.assertIsNone(b.script("return window.broken ?? null"))
        self.assertEqual(b.script("return document.querySelectorAll('main img:not([src=\"/page/icon.svg\"]), main script').length"), 0)

    def test_the_policy_holds_even_if_a_script_slipped(self):
        _, edge, b = self.page({"a": steady()})
        blocked = b.script("""
            const failed = [];
            try { document.getElementById("main").innerHTML = "<b>x</b>"; } catch { failed.push("markup"); }
            try { const s = document.createElement("script"); s.textContent = "window.broken = 1"; document.body.append(s); } catch { failed.push("script"); }
            const image = new Image();
            const outside = new Promise((done) => { image.onerror = () => done("outside"); image.onload = () => done("loaded"); });
            image.src = "http://127.0.0.2:9/x.png";
            // Not in the driver's own call, which the policy lets through.
            const evaluated = new Promise((done) => setTimeout(() => { try { done(eval("'evaluated'")); } catch { done("no eval"); } }));
            return Promise.all([evaluated, outside, fetch("http://127.0.0.2:9/").then(() => "fetched", () => "no fetch")]).then((more) => [...failed, ...more, window.broken ?? "safe"]);
        """)
        self.assertEqual(blocked, ["markup", "script", "no eval", "outside", "no fetch", "safe"])

    def test_every_script_is_asked_for_at_once(self):
        """one after the other, as they name each other, three waits long"""
        _, edge, b = self.page()
        text = edge.ask("GET", "/")[2].decode()
        found, wanted = set(), ["main.js"]
        while wanted:
            for name in re.findall(r'from "\./([a-z]+\.js)"', edge.ask("GET", f"/page/{wanted.pop()}")[2].decode()):
                if name not in found:
                    found.add(name)
                    wanted.append(name)
        preloaded = re.findall(r'rel="modulepreload" href="/page/([a-z]+\.js)"', text)
        self.assertGreater(len(found), 10)
        self.assertEqual(preloaded, sorted(found))
        self.assertEqual([said for said in b.said() if "preload" in said], [], "none that nobody uses")

    def test_nobody_frames_it_and_nothing_is_inline(self):
        _, edge, _ = self.page()
        _, headers, body = edge.ask("GET", "/")
        self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
        text = body.decode()
        self.assertNotRegex(text, r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?://")


class Sessions(PageTest):
    def test_a_wrong_token_a_good_one_and_out_again(self):
        s, edge, b = self.page({"a": steady()}, role="read")
        b.one("#logout").click()
        until(lambda: b.script("return !document.getElementById('page-login').hidden"), "the login shows")
        b.one("#login-token").type("nova_wrong")
        b.press("Enter")
        until(lambda: "not valid" in (b.text("#login-problem") or ""), "the refusal shows")
        self.assertEqual(b.script("return document.getElementById('login-token').value"), "", "a token does not stay in the page")
        self.assertEqual(b.script("return document.cookie"), "", "no script sees the session")

    def test_the_login_does_not_stay_in_the_address(self):
        _, edge, b = self.page({"a": steady()})
        self.assertEqual(b.call("GET", "/url").rstrip("/"), edge.origin)
