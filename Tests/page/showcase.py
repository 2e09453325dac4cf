"""A fleet that shows every part of the page: workers that earn, lose, crash, rest and ask. Its money is made up, and it
comes by the same reports that any worker sends. Must never need a network or a key.
"""

from harness import NOTIFY, py, sh, steady


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
