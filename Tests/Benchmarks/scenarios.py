"""What is measured beside the rounds: a crash storm, logs, a supervisor that is killed, what accounting costs, what a
reading asks of the kernel, and ten thousand workers for minutes.

Must never assert a time: it reports.
"""

import json
import os
import random
import re
import select
import shutil
import signal
import subprocess
import threading
import time

from contestants import Bare, Nova, Supervisord
from measure import calls, cpu_ms, percentile, pss


def wait_for(what, found, seconds):
    """Waits for a fact."""
    deadline = time.monotonic() + seconds
    while not found():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not come within {seconds} s")
        time.sleep(0.01)


def close(contestant):
    """Ends what is left of it."""
    if contestant.process and contestant.process.poll() is None:
        contestant.process.terminate()
        try:
            contestant.process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            contestant.process.kill()


def storm(kind, tools, place, seconds, count=200):
    """Workers that end at once and are wanted at once: starts a second, and what a listing takes meanwhile."""
    fifo = f"{place}.fifo"
    os.mkfifo(fifo)
    os.chmod(fifo, 0o666)
    reader = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    contestant = kind(tools, place, count, fifo, "blink")
    started, latencies, over = 0, [], threading.Event()
    try:
        contestant.spawn()
        time.sleep(2)
        call = None
        if kind is Nova:
            contestant.connect()
            call = contestant.call()
        elif kind is Supervisord:
            call = contestant.call()

        def ask():
            # The first call too: what waits for its turn waits most in the one after a pause.
            while call and not over.is_set():
                before = time.monotonic_ns()
                call()
                latencies.append((time.monotonic_ns() - before) / 1e6)
                over.wait(0.05)

        pids = contestant.pids()
        before, begin = cpu_ms(pids), time.monotonic()
        asker = threading.Thread(target=ask)
        asker.start()
        while (left := begin + seconds - time.monotonic()) > 0:
            if select.select([reader], [], [], left)[0]:
                started += len(os.read(reader, 1 << 20))
        took = time.monotonic() - begin
        figures = {"storm_per_s": started / took, "storm_cpu_ms_per_s": (cpu_ms(pids) - before) / took}
        over.set()
        asker.join()
        if latencies:
            figures["storm_call_ms"], figures["storm_call_p99_ms"] = (percentile(latencies, p) for p in (0.5, 0.99))
        if kind is Nova:
            figures["storm_longest_turn_ms"] = contestant.metric('nova_loop_longest_turn_seconds{since="start"}') * 1000
        contestant.stop()
        return figures
    finally:
        over.set()
        close(contestant)
        os.close(reader)


def logs(name, tools, place, mib):
    """`mib` MiB of lines of 100 bytes; MB/s as the writer saw it, CPU of whoever stands in the way."""
    os.makedirs(place)
    fifo = f"{place}/fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    lines = str(mib * (1 << 20) // 100)
    contestant, helpers, pids = None, [], []
    chatter = [tools["chatter"], lines, fifo]
    try:
        if name == "nova":
            contestant = Nova(tools, f"{place}/nova", 0, fifo)
            contestant.one(chatter)
            contestant.spawn()
            contestant.connect()
            pids = contestant.pids()
        elif name == "supervisord":
            contestant = Supervisord(tools, f"{place}/supervisord", 0, fifo)
            contestant.one(chatter)
            contestant.spawn()
            pids = contestant.pids()
        elif name == "s6-log":
            # As s6 arranges it: the writer's output is a pipe to its logger, 20 files of 50 MB.
            os.makedirs(f"{place}/logs")
            logger = subprocess.Popen(
                ["s6-log", "n20", "s50000000", f"{place}/logs"], stdin=subprocess.PIPE)
            helpers = [logger]
            helpers.append(subprocess.Popen(chatter, stdout=logger.stdin))
            pids = [logger.pid]
        else:
            with open(f"{place}/log", "ab") as log:
                helpers = [subprocess.Popen(chatter, stdout=log)]
        before = cpu_ms(pids)
        if not select.select([reader], [], [], 600)[0]:
            raise RuntimeError(f"{name} did not take {mib} MiB within 600 s")
        took = int(os.read(reader, 64).split()[0]) / 1e9
        return {
            "log_mb_per_s": mib * (1 << 20) / 1e6 / took,
            "log_cpu_s_per_gb": (cpu_ms(pids) - before) / 1000 / (mib * (1 << 20) / 1e9),
        }
    finally:
        if contestant:
            close(contestant)
        for helper in reversed(helpers):
            helper.kill()
            helper.wait()
        os.close(reader)
        shutil.rmtree(place, ignore_errors=True)


def recovery(tools, place, count, births):
    """kill -9 of the supervisor: from the next one's exec until it knows every worker again, with the pids they had."""
    births.forget()
    nova = Nova(tools, place, count, births.path)
    try:
        nova.spawn()
        births.wait_for(count, 300, lambda: nova.process.poll() is None)
        nova.settled()
        before = {row["name"]: row["pid"] for row in json.loads(nova.call()())}
        nova.pids()
        os.kill(nova.process.pid, signal.SIGKILL)
        nova.process.wait()
        began = nova.spawn()
        nova.settled()
        took = (time.monotonic_ns() - began) / 1e6
        if {row["name"]: row["pid"] for row in json.loads(nova.call()())} != before:
            raise RuntimeError("a worker changed its pid while the supervisor was away")
        nova.stop()
        return {"recovery_ms": took}
    finally:
        close(nova)


# What is switched off, one at a time; supervisor.yaml.
SWITCHES = {
    "everything as it is": "",
    "readings each 10 s": "accounting: { sample_interval: 10s }\n",
    "no readings": "accounting: { sample_interval: 1h, booking_interval: 1h }\n",
    "bookings once an hour": "accounting: { booking_interval: 1h }\n",
}


def switches(tools, place, count, births, seconds):
    """CPU of an idle fleet with parts of the accounting off, and with /metrics asked for each 5 s."""
    found = {}
    for number, (what, settings) in enumerate({**SWITCHES, "/metrics read each 5 s": None}.items()):
        births.forget()
        kind = type("Switched", (Nova,), {"settings": settings or ""})
        nova = kind(tools, f"{place}-{number}", count, births.path)
        try:
            nova.spawn()
            births.wait_for(count, 300, lambda: nova.process.poll() is None)
            nova.settled()
            time.sleep(3)
            pids = nova.pids()
            before, begin = cpu_ms(pids), time.monotonic()
            while time.monotonic() - begin < seconds:
                if settings is None:
                    nova.call("/metrics")()
                time.sleep(5)
            found[what] = (cpu_ms(pids) - before) / (time.monotonic() - begin)
            nova.stop()
        finally:
            close(nova)
    return found


def syscalls(tools, place, count, births, seconds=20):
    """System calls of the idle supervisor an instance and second, by strace -c; None where there is no strace."""
    if not shutil.which("strace"):
        return None
    births.forget()
    nova = Nova(tools, place, count, births.path)
    try:
        nova.spawn()
        births.wait_for(count, 300, lambda: nova.process.poll() is None)
        nova.settled()
        time.sleep(3)
        words = ["timeout", "-s", "INT", str(seconds), "strace", "-f", "-c", "-p", str(nova.process.pid)]
        said = subprocess.run(words, capture_output=True, text=True, check=False).stderr
        nova.stop()
    finally:
        close(nova)
    counts = {}
    for line in said.splitlines():
        if match := re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line):
            if match[2] != "total":
                counts[match[2]] = int(match[1]) / count / seconds
    return counts


def soak(tools, place, count, births, seconds, share=0.01):
    """A large fleet for a while: a share of it killed each second, a listing now and then, at the end scaled to nothing."""
    births.forget()
    nova = Nova(tools, place, count, births.path)
    try:
        began = nova.spawn()
        births.wait_for(count, 600, lambda: nova.process.poll() is None)
        nova.settled()
        figures = {"soak_start_s": (time.monotonic_ns() - began) / 1e9}
        pids, random_ = nova.pids(), random.Random(1)
        time.sleep(10)
        before, begin, listings, killed = cpu_ms(pids), time.monotonic(), [], 0
        while (passed := time.monotonic() - begin) < seconds:
            while killed < passed * count * share:
                births.take(0)
                try:
                    os.kill(random_.choice(list(births.pids.values())), signal.SIGKILL)
                except ProcessLookupError:
                    pass
                killed += 1
            if len(listings) <= passed / 10:
                listings += calls(nova.call(), 1)
            births.take(0.05)
        figures["soak_cpu_ms_per_s"] = (cpu_ms(pids) - before) / (time.monotonic() - begin)
        figures["soak_kills"] = killed
        figures["soak_call_ms"] = percentile(listings, 0.5)
        figures["soak_memory_mb"] = pss(pids) / 1e6
        figures["soak_longest_turn_ms"] = nova.metric('nova_loop_longest_turn_seconds{since="start"}') * 1000
        figures["soak_turns_over_50ms"] = nova.metric('nova_loop_slow_turns_total{than="50ms"}')
        begin = time.monotonic()
        rows = json.loads(nova.call()())
        for start in range(0, len(rows), 1000):
            targets = [row["name"] for row in rows[start:start + 1000]]
            order = {"targets": targets, "action": "scale", "count": 0, "wait": False}
            nova.call("/v1/actions", order)()
        wait_for("the end of every worker", lambda: not json.loads(nova.call()()), 300)
        figures["soak_scale_to_0_s"] = time.monotonic() - begin
        gaps = [later - earlier for earlier, later in zip(nova.pings, nova.pings[1:])]
        figures["soak_longest_watchdog_gap_s"] = max(gaps, default=0)
        nova.stop()
        return figures
    finally:
        close(nova)


STORMS = [Nova, Bare, Supervisord]
LOGGERS = ["nova", "a file alone", "s6-log", "supervisord"]
