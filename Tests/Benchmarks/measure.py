"""What is measured of one contestant in one round. Moments come from the workers themselves, never from polling.

Must never assert a time: it reports.
"""

import os
import random
import resource
import select
import signal
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


class Births:
    """The FIFO into which each worker writes "SLOT PID NANOSECONDS" when it begins."""

    def __init__(self, path):
        self.path = path
        os.mkfifo(path)
        os.chmod(path, 0o666)
        self.fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self.rest = b""
        self.pids, self.moments = {}, {}

    def take(self, timeout):
        """Reads what came within `timeout` seconds; answers the slots that were born."""
        born = []
        if not select.select([self.fd], [], [], timeout)[0]:
            return born
        lines = (self.rest + os.read(self.fd, 65536)).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            slot, pid, moment = (int(word) for word in line.split())
            self.pids[slot], self.moments[slot] = pid, moment
            born.append(slot)
        return born

    def forget(self):
        """Empties it before another contestant begins."""
        while self.take(0):
            pass
        self.pids, self.moments = {}, {}

    def wait_for(self, count, limit, alive):
        """Waits until `count` slots have been born."""
        deadline = time.monotonic() + limit
        while len(self.pids) < count:
            self.take(0.5)
            if time.monotonic() > deadline or not alive():
                raise RuntimeError(f"{len(self.pids)} of {count} workers began within {limit} s")


def pss(pids):
    """Proportional set size of some processes, bytes: /proc/PID/smaps_rollup."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:
            total += next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    return total


def cpu_ms(pids):
    """utime + stime of some processes so far, milliseconds."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total * 1000 / TICK


def percentile(values, share):
    """The value below which `share` of them lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def crash(births, count, kills, seed, pace=0.010):
    """kill -9 of one worker after the other; milliseconds from each to the first word of its successor.

    A kill each `pace` seconds at most, never of one that has not come back: a contestant that needs a second is not
    asked for two hundred of them in a row.
    """
    order = random.Random(seed)
    killed, latencies, left = {}, [], kills
    ready = list(births.pids)
    deadline = time.monotonic() + 120
    while (left or killed) and time.monotonic() < deadline:
        if left and ready:
            slot = ready.pop(order.randrange(len(ready)))
            killed[slot] = time.monotonic_ns()
            os.kill(births.pids[slot], signal.SIGKILL)
            left -= 1
        until = time.monotonic() + pace
        while (rest := until - time.monotonic()) > 0:
            for slot in births.take(rest):
                if slot in killed:
                    latencies.append((births.moments[slot] - killed.pop(slot)) / 1e6)
                    ready.append(slot)
    if killed:
        raise RuntimeError(f"{len(killed)} of {kills} killed workers did not come back within 120 s")
    return latencies


def calls(body, count):
    """Milliseconds of each of `count` calls, after one that is not counted."""
    body()
    found = []
    for _ in range(count):
        before = time.monotonic_ns()
        body()
        found.append((time.monotonic_ns() - before) / 1e6)
    return found


def run_command(words):
    subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)


def timed(body):
    """Milliseconds of one call."""
    before = time.monotonic_ns()
    body()
    return (time.monotonic_ns() - before) / 1e6


def pages(nova):
    """Other pages of the API, and an order that is answered when it is on the disk."""
    found = {}
    for key, ask in [
        ("status_page_ms", nova.call("/v1/status")), ("metrics_page_ms", nova.call("/metrics")),
        ("worker_page_ms", nova.call("/v1/workers/worker-1")),
        ("order_ms", nova.call("/v1/actions", {"targets": ["worker-1"], "action": "reset"})),
    ]:
        found[key] = percentile(calls(ask, 50), 0.5)
    return found


def measure(contestant, births, kills, idle_seconds, seed, by_kill=False):
    """One round of one contestant: a dictionary of figures. It is stopped in any case, by signal or by cgroup.kill."""
    births.forget()
    figures = {}
    began = contestant.spawn()
    alive = lambda: contestant.process.poll() is None
    try:
        births.wait_for(contestant.count, 120 + contestant.count / 20, alive)
        figures["exec_all_ms"] = (max(births.moments.values()) - began) / 1e6
        said = contestant.settled()
        figures["cold_start_ms"] = (time.monotonic_ns() - began) / 1e6 if said else figures["exec_all_ms"]
        pids = contestant.pids()
        figures["cold_start_cpu_ms"] = cpu_ms(pids)
        # Two of the readings that each second brings, so that what they hold is there.
        time.sleep(2.5)
        figures["memory_mb"] = pss(pids) / 1e6
        before, moment = cpu_ms(pids), time.monotonic()
        time.sleep(idle_seconds)
        figures["idle_ms_per_s"] = (cpu_ms(pids) - before) / (time.monotonic() - moment)
        if call := contestant.call():
            found = calls(call, contestant.calls)
            figures["call_ms"], figures["call_p99_ms"] = percentile(found, 0.5), percentile(found, 0.99)
        if contestant.name == "nova":
            figures.update(pages(contestant))
        if words := contestant.cli():
            found = calls(lambda: run_command(words), contestant.cli_calls)
            figures["cli_ms"], figures["cli_p99_ms"] = percentile(found, 0.5), percentile(found, 0.99)
        found = crash(births, contestant.count, kills, seed)
        figures["crash_p50_ms"], figures["crash_p99_ms"] = percentile(found, 0.5), percentile(found, 0.99)
        figures["memory_after_mb"] = pss(pids) / 1e6
        if by_kill:
            if kill := contestant.kill_all():
                figures["kill_all_ms"] = timed(kill)
                contestant.stop()
            else:
                contestant.stop_signal = signal.SIGUSR1
                figures["kill_all_ms"] = contestant.stop() / 1e6
        else:
            figures["stop_ms"] = contestant.stop() / 1e6
    finally:
        if contestant.process.poll() is None:
            contestant.process.terminate()
            try:
                contestant.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                contestant.process.kill()
    if contestant.process.returncode:
        raise RuntimeError(f"{contestant.name} ended with {contestant.process.returncode}: {contestant.output()[-500:]}")
    return figures


def fsync_ms(directory, count=20):
    """What one durable write of 4 KiB costs here: the floor of everything that is booked before it goes on."""
    path = f"{directory}/fsync"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        return percentile(calls(lambda: (os.pwrite(fd, b"x" * 4096, 0), os.fdatasync(fd)), count), 0.5)
    finally:
        os.close(fd)
        os.unlink(path)


def raise_file_limit():
    """As many open files as are allowed, for us and whom we start."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
