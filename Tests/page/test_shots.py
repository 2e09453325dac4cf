"""The screenshots of the documentation, written on demand: NOVA_SHOTS=docs/images Tests/page/run shots"""

import os
import time

from harness import until
from pages import PageTest, runs_of
from showcase import fleet, past, settings

PLACES = [("fleet", "#/", 1440, 960, False), ("fleet-narrow", "#/", 390, 844, False),
          ("decisions-dark", "#/decisions", 1280, 860, True), ("worker", "#/worker/outreach", 1280, 1000, False)]


class Shots(PageTest):
    def test_the_documentations_screenshots(self):
        """The page of a fleet in every state; smaller than 300 kB each."""
        place = os.environ.get("NOVA_SHOTS")
        if not place:
            self.skipTest("NOVA_SHOTS names no directory")
        s, edge, b = self.page(fleet(), settings())
        past(s, "outreach")
        s.ok("pause", "archiver", "--reason", "its disk is being replaced")
        until(lambda: runs_of(s, "outreach") > 100, "the fleet has worked a while")
        until(lambda: len([d for d in s.api("GET", "/v1/decisions")[1] if d["state"] == "pending"]) >= 3, "decisions wait")
        s.wait_state("lead-finder", "paused")
        for name, address, width, height, dark in PLACES:
            b.size(width, height, dark)
            b.open(edge.origin + "/" + address)
            until(lambda: b.text("#link-state") == "live" and not b.script("return document.querySelector('.page:not([hidden])') === null"), address)
            if name.startswith("worker"):
                until(lambda: b.script("return Number(document.querySelector('canvas')?.dataset.points ?? 0)") > 2, "the charts are drawn")
            # What is drawn comes within two beats of the stream: for a picture, not for a judgement.
            time.sleep(2.5)
            path = os.path.join(place, name + ".png")
            b.screenshot(path)
            self.assertLess(os.path.getsize(path), 300_000, name)
        self.figure = ", ".join(f"{name} {os.path.getsize(os.path.join(place, name + '.png')) // 1000} kB" for name, *_ in PLACES)
