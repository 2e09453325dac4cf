"""A fleet that shows every part of the page: workers that earn, lose, crash, rest and ask. Its money is made up, and it
comes by the same reports that any worker sends. Must never need a network or a key.
"""

import math
import os
import random
import sqlite3
import time

from harness import NOTIFY, fnv1a, py, sh, steady


def earner(cost, revenue, every=0.4, load=0, held=8, fails=0):
    """A worker that reports a run every so many seconds, holds some memory and takes some of a processor."""
    return NOTIFY + f"""
import math
kept = bytearray({held} << 20)
notify('READY=1')
n = 0
while True:
    n += 1
    end = time.monotonic() + {every} * {load} * (0.6 + 0.4 * math.sin(n / 9))
    while time.monotonic() < end:
        pass
    ok = not {fails} or n % {fails or 1}
    print('run %d: %s' % (n, 'done' if ok else 'nobody answered'), flush=True)
    notify('STATUS=%d runs done\\nWATCHDOG=1\\nX_NOVA_RUN=%s\\nX_NOVA_RUN_ID=%d-%d\\nX_NOVA_COST_USD={cost}\\nX_NOVA_REVENUE_USD=%s'
           % (n, 'ok' if ok else 'failed', os.getpid(), n, '{revenue}' if ok else '0'))
    time.sleep({every} * (1 - {load}))
"""


def economics(cap):
    return {"conversion_lag": "0s", "revenue_cap_per_run": cap}


def fleet():
    """The workers. What each is for is in its name."""
    return {
        "outreach": py(earner("0.021000", "0.097000", load=0.2, held=24, fails=7), ready="notify", instances=2, max_instances=6,
                       economics=economics("2.00"), budget={"daily": "40.00"}),
        "invoice-bot": py(earner("0.006000", "0.031000", every=0.8, load=0.1, held=16), ready="notify", max_instances=4,
                          economics=economics("1.00")),
        "price-watch": py(earner("0.009000", "0.004000", load=0.15, held=12, fails=4), ready="notify", economics=economics("0.10")),
        "lead-finder": py(earner("0.014000", "0.018000", every=0.6, load=0.3, held=40), ready="notify", economics=economics("1.00"),
                          budget={"daily": "0.60"}),
        "night-report": sh("echo writing the report; sleep 1; echo done", mode="job", interval="45s"),
        "mail-relay": steady(instances=2),
        "scraper": sh("echo connecting; sleep 1; echo no route to host >&2; exit 7", backoff={"delay": "1s", "factor": 2, "max": "20s"},
                      max_crashes=4, crash_window="10m", cooldown="4m"),
        "archiver": steady(),
        "old-importer": steady(autostart=False),
    }


def settings():
    return {"decision": {"mode": "threshold", "interval": "2s", "alert_delay": "0s"}, "budget": {"daily": "120.00"},
            "accounting": {"booking_interval": "5s"}}


def varint(value):
    """A whole number as the history of figures writes it: zigzag, seven bits a byte."""
    rest, out = (value << 1) if value >= 0 else ((-value << 1) - 1), bytearray()
    while rest > 127:
        out.append(rest & 127 | 128)
        rest >>= 7
    return bytes(out + bytes([rest]))


def past(s, worker, minutes=59):
    """An hour that a worker has behind it, in the history of a supervisor that has just begun."""
    base, now = [0, 0, 0], int(time.time()) // 60
    with sqlite3.connect(os.path.join(s.state, "nova.db"), timeout=10) as db:
        for minute in range(now - minutes, now):
            samples, base = b"", [0, 0, 0]
            for second in range(minute * 60, minute * 60 + 60):
                wave = math.sin(second / 300) + 0.4 * math.sin(second / 47)
                values = [int(3000 + 900 * wave + 400 * random.random()), int(68_000 + 3000 * math.sin(second / 900)), 2]
                money = [21_000 if random.random() < 0.55 + 0.1 * wave else 0, 97_000 if random.random() < 0.5 + 0.1 * wave else 0]
                steps = [new - old for new, old in zip(values, base)]
                flags = 7 + sum(8 << n for n, step in enumerate(steps) if step) + sum(64 << n for n, amount in enumerate(money) if amount)
                samples += bytes([flags]) + b"".join(varint(n) for n in steps + money if n)
                base = values
            name = worker.encode()
            sheet = bytes([len(name)]) + name + len(samples).to_bytes(2, "little") + samples
            db.execute("INSERT OR REPLACE INTO figure_second(minute, shard, sheet) VALUES (?, ?, ?)", (minute, int(fnv1a(worker), 16) % 16, sheet))
