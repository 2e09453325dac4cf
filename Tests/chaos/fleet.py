"""Fifty workers of mixed kinds, and what each should look like once all is quiet.

Must never hold a worker whose end state depends on luck without saying so in its kind."""

from harness import NOTIFY, argv, py, sh, steady

SOON = {"delay": "100ms", "factor": 1.5, "max": "400ms", "jitter": "10%"}
# Crashes are what chaos makes: no limit keeps a worker down that should be up. 1,000 in 10 s cannot happen.
ENDLESS = {"max_crashes": 1000, "crash_window": "10s", "backoff": SOON, "stop_timeout": "500ms", "max_instances": 4}


def fleet():
    """(kind, spec) by name. Kinds: `stays` runs as often as it is wanted; `comes_and_goes` ends by itself and is
    started again; `ends` runs once; `fails` never gets a process."""
    workers = {}

    def add(kind, name, count, spec):
        for number in range(count):
            workers[f"{name}-{number}"] = (kind, spec)

    add("stays", "steady", 14, steady(**ENDLESS))
    add("stays", "many", 4, steady(**{**ENDLESS, "instances": 2}))
    add("stays", "tree", 4, sh("(sleep 1000 & exec sleep 1000) & setsid sh -c 'sleep 1000 & exec sleep 1000' & exec sleep 1000",
                               **ENDLESS))
    add("stays", "stubborn", 3, sh("trap '' TERM INT HUP; while :; do sleep 0.2; done", **{**ENDLESS, "stop_timeout": "200ms"}))
    add("stays", "talker", 3, sh("while :; do echo 0123456789012345678901234567890123456789; sleep 0.05; done",
                                 **ENDLESS, logs={"driver": "file", "max_size": "64K", "keep": 2}))
    add("stays", "notifier", 2, py(NOTIFY + "notify('READY=1')\nwhile True: time.sleep(1); notify('STATUS=tick')",
                                   **ENDLESS, ready="notify", start_timeout="60s"))
    workers["base"] = ("stays", steady(**ENDLESS))
    add("stays", "leaning", 3, steady(**ENDLESS, requires=["base"]))
    add("comes_and_goes", "crasher", 6, sh("sleep 0.3; exit 3", **ENDLESS))
    add("comes_and_goes", "aborter", 2, sh("sleep 0.5; kill -ABRT $$", **ENDLESS))
    add("comes_and_goes", "limited", 2, sh("sleep 0.1; exit 1", **{
        **ENDLESS, "max_crashes": 3, "crash_window": "10s", "cooldown": "700ms", "max_cooldowns": -1}))
    add("comes_and_goes", "job", 3, sh("sleep 0.1", mode="job", interval="700ms", **ENDLESS))
    add("ends", "once", 2, sh("sleep 0.2", restart="on-failure", **ENDLESS))
    add("fails", "missing", 1, argv("/nonexistent/program", **{**ENDLESS, "backoff": {**SOON, "delay": "400ms"}}))
    return workers


FLEET = fleet()
