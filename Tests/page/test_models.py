"""What the page says of calls of models is what the API says, and a model's name stays text."""

import datetime

from harness import steady, until
from pages import PageTest, money
from test_model_calls import GATEWAY, call

HOSTILE = "<img src=x onerror='window.broken=7'>"


class Models(PageTest):
    def tell(self, s, *calls):
        status, body = s.api("POST", "/v1/gateway/calls", {"calls": list(calls), "close": []})
        self.assertEqual((status, body["booked"]), (200, len(calls)), body)

    def test_the_head_and_a_workers_own_page_show_what_the_api_says(self):
        """issue 8, line 7: live tokens and dollars on the page"""
        s, edge, b = self.page({"caller": steady(gateway={"providers": ["anthropic", "local"]}), "quiet": steady()},
                               {"gateway": GATEWAY})
        now = datetime.datetime.now(datetime.timezone.utc)

        def at(seconds):
            return (now + datetime.timedelta(seconds=seconds)).isoformat()
        self.tell(s, *[call(f"c{n}", 7_000_000_000 + n, at=at(-n), input_tokens=1000 + n) for n in range(12)],
                  call("guess", 1_234_567, at=at(-1), estimated=True, outcome="interrupted", model=HOSTILE),
                  call("no", 0, at=at(0), outcome="refused", reason=HOSTILE, provider="local", input_tokens=None, output_tokens=None))

        def head():
            status = s.api("GET", "/v1/status")[1]
            self.last = (b.text("#spend-models"), status)
            return b.text("#spend-models") == (f"{money(status['model_cost_today_usd'])} of it for models, "
                                               f"{status['model_tokens_per_minute']:,} tokens a minute")
        until(head, lambda: self.last)
        self.assertEqual(s.api("GET", "/v1/status")[1]["model_cost_today_usd"], "0.084001")
        b.open(edge.origin + "/#/worker/caller")
        b.one('[data-part="models"] tbody tr')

        def card():
            models = s.detail("caller")["models"]
            calls = s.api("GET", "/v1/gateway/calls?worker=caller&limit=10")[1]
            shown = b.script("""
                return [...document.querySelectorAll('[data-part="models"] tbody tr')].map((row) => [row.dataset.call,
                    ...[...row.children].slice(1).map((cell) => cell.textContent)])""")
            wanted = []
            for row in calls:
                counts = [row[name] for name in ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")]
                known = [count for count in counts if count is not None]
                micro = (int(row["cost_pico_usd"]) + 500_000) // 1_000_000
                wanted.append([row["id"], row["model"], f"{sum(known):,}" if known else "?",
                               ("~" if row["estimated"] else "") + money(f"{micro // 10**6}.{micro % 10**6:06}"), row["outcome"]])
            facts = [b.text(f'[data-part="models"] [data-fact="{name}"]') for name in ("today", "minute")]
            said = [f"{models['calls_today']} calls, {models['tokens_today']:,} tokens, {money(models['cost_today_usd'])}",
                    f"{models['tokens_per_minute']:,} tokens"]
            self.last = (shown, wanted, facts, said)
            return shown == wanted and facts == said
        until(card, lambda: self.last)
        self.assertEqual(len(self.last[0]), 10)
        self.assertIn(HOSTILE, [row[1] for row in self.last[0]])
        self.assertIn("~$0.000001", [row[3] for row in self.last[0]])
        self.assertEqual(b.text('[data-part="models"] [data-fact="today"]').split(",")[0], "14 calls")
        self.assertIsNone(b.script("return window.broken ?? null"))
        b.open(edge.origin + "/#/worker/quiet")
        until(lambda: b.text("#page-worker h1") == "quiet" and "No run" in (b.text('[data-part="runs"]') or ""), "its page is there")
        self.assertTrue(b.script("""return document.querySelector('[data-part="models"]').hidden"""))
        self.assertEqual(b.said(), [])

    def test_without_a_gateway_nothing_is_said_of_models(self):
        s, edge, b = self.page({"a": steady()})
        until(lambda: b.text("#spend-value") == money(s.api("GET", "/v1/status")[1]["cost_today_usd"]), lambda: b.text("#spend-value"))
        self.assertTrue(b.script("return document.getElementById('spend-models').hidden"))
