"""From a run's figures to the printed table and to docs/performance.md. Must never invent a figure: a dash is absent."""

import math
import statistics

ROWS = [
    ("cold_start_ms", "cold start, ms"),
    ("exec_all_ms", "… until the last worker began, ms"),
    ("cold_start_cpu_ms", "… CPU of it, ms"),
    ("memory_mb", "memory (PSS), MB"),
    ("memory_after_mb", "… after the kills, MB"),
    ("idle_ms_per_s", "idle CPU, ms per s"),
    ("crash_p50_ms", "crash to restart p50, ms"),
    ("crash_p99_ms", "crash to restart p99, ms"),
    ("cli_ms", "status by command, ms"),
    ("call_ms", "status by API call, ms"),
    ("status_page_ms", "GET /v1/status, ms"),
    ("worker_page_ms", "GET /v1/workers/NAME, ms"),
    ("metrics_page_ms", "GET /metrics, ms"),
    ("order_ms", "an order, answered when it is on the disk, ms"),
    ("stop_ms", "stop of all by signal, ms"),
    ("kill_all_ms", "end of all by cgroup.kill, ms"),
]

# The goals beyond the aims: what, figure, most (or least, negative) as a multiple of bare C, and absolute ones.
GOALS = [
    ("cold start", "cold_start_ms", 1.6), ("crash to restart p50", "crash_p50_ms", 1.5),
    ("crash to restart p99", "crash_p99_ms", 2), ("idle CPU with 1 s readings", "idle_ms_per_s", 1.3),
    ("stop of all by signal", "stop_ms", 2),
]
ABSOLUTE = [
    ("memory of brain and shim, MB", "memory_mb", 16), ("status by command, ms", "cli_ms", 8),
    ("status by API call, ms", "call_ms", 3),
]


def number(value):
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def column(rounds, key):
    """Median, lowest, highest of a figure; None where a contestant has none."""
    found = [one[key] for one in rounds if key in one]
    return (statistics.median(found), min(found), max(found)) if found else None


def cells(result):
    """Rows of text a size: what, each contestant's median (range), ratio of nova to bare C."""
    for size, contestants in result["sizes"].items():
        lines = []
        for key, title in ROWS:
            medians = {name: column(rounds, key) for name, rounds in contestants.items()}
            line = [title]
            for found in medians.values():
                line.append(f"{number(found[0])} ({number(found[1])}–{number(found[2])})" if found else "–")
            ours, limit = medians.get("nova"), medians.get("bare C")
            line.append(f"{ours[0] / limit[0]:.2f}" if ours and limit and limit[0] else "–")
            lines.append(line)
        yield size, [f"{size} workers", *contestants, "nova / bare C"], lines


def table(result):
    """For a terminal."""
    text = ""
    for _, head, lines in cells(result):
        widths = [max(len(line[index]) for line in [head, *lines]) for index in range(len(head))]
        for line in [head, *lines]:
            text += "  ".join(
                word.ljust(width) if index == 0 else word.rjust(width)
                for index, (word, width) in enumerate(zip(line, widths))
            ).rstrip() + "\n"
        text += "\n"
    return text


def aims(result):
    """Each aim, what was measured, whether it is met."""
    found = result["sizes"].get("1000", {}).get("nova")
    if not found:
        return ""
    rows = [
        ("memory of brain and shim at 1,000 workers", "memory_mb", 25, "MB"),
        ("CPU while idle, with a reading of every worker each second", "idle_ms_per_s", 20, "ms per s (2 % of a core)"),
        ("crash to restart, p50, on top of the configured delay", "crash_p50_ms", 3, "ms"),
        ("`novasup ps` of 1,000", "cli_ms", 50, "ms"),
    ]
    text = "| aim | at most | measured | |\n|---|---|---|---|\n"
    for title, key, limit, unit in rows:
        median = column(found, key)[0]
        text += f"| {title} | {limit} {unit} | {number(median)} | {'met' if median <= limit else '**not met**'} |\n"
    return text


def goals(result):
    """The goals of a fleet of 1,000, beside what was measured."""
    found = result["sizes"].get("1000", {})
    if not found.get("nova"):
        return ""
    text = "| goal at 1,000 workers | at most | measured | |\n|---|---|---|---|\n"
    for title, key, most in GOALS:
        ours, limit = column(found["nova"], key), column(found.get("bare C", []), key)
        if ours and limit and limit[0]:
            ratio = ours[0] / limit[0]
            text += f"| {title} | {most} × bare C | {ratio:.2f} × | {'met' if ratio <= most else '**not met**'} |\n"
    for title, key, most in ABSOLUTE:
        if ours := column(found["nova"], key):
            text += f"| {title} | {most} | {number(ours[0])} | {'met' if ours[0] <= most else '**not met**'} |\n"
    if storm := result.get("storm"):
        starts, latency = column(storm["nova"], "storm_per_s"), column(storm["nova"], "storm_call_ms")
        text += f"| crash storm of 200, restarts a second | at least 4,000 | {number(starts[0])} |"
        text += f" {'met' if starts[0] >= 4000 else '**not met**'} |\n"
        if limit := column(storm.get("bare C", []), "storm_per_s"):
            share = starts[0] / limit[0]
            text += f"| … beside bare C, which made 11,734 where the goal was set | at least 0.34 × | {share:.2f} × |"
            text += f" {'met' if share >= 0.34 else '**not met**'} |\n"
        text += f"| … status during it, ms | 20 | {number(latency[0])} | {'met' if latency[0] <= 20 else '**not met**'} |\n"
    if logs := result.get("logs"):
        ratio = column(logs["nova"], "log_mb_per_s")[0] / column(logs["a file alone"], "log_mb_per_s")[0]
        text += f"| log of a talking worker, file driver | at least 0.9 × a file alone | {ratio:.2f} × |"
        text += f" {'met' if ratio >= 0.9 else '**not met**'} |\n"
    return text + "\n"


def curve(result):
    """How the figures grow with the fleet, and the exponent between neighbours: 1 is linear."""
    sizes = sorted((int(size) for size in result["sizes"]))
    if len(sizes) < 2:
        return ""
    text = "## How it grows\n\nThe exponent is that of the last step: 1 is linear, less is better. Memory is counted above\n"
    text += "the smallest fleet.\n\n| nova | " + " | ".join(f"{size:,}" for size in sizes) + " | exponent |\n"
    text += "|---|" + "---|" * (len(sizes) + 1) + "\n"
    for key, title in [("memory_mb", "memory, MB"), ("idle_ms_per_s", "idle CPU, ms per s"),
                       ("cold_start_ms", "cold start, ms"), ("cold_start_cpu_ms", "CPU of it, ms"), ("call_ms", "status, ms")]:
        values = [column(result["sizes"][str(size)]["nova"], key)[0] for size in sizes]
        less = values[0] if key == "memory_mb" and len(sizes) > 2 else 0
        lower, upper = values[-2] - less, values[-1] - less
        grown = math.log(upper / lower) / math.log(sizes[-1] / sizes[-2]) if lower > 0 and upper > 0 else None
        text += f"| {title} | " + " | ".join(number(value) for value in values)
        text += f" | {'–' if grown is None else f'{grown:.2f}'} |\n"
    first, last = (column(result["sizes"][str(size)]["nova"], "memory_mb")[0] for size in (sizes[0], sizes[-1]))
    text += f"\nA further worker takes {(last - first) * 1e6 / 1024 / (sizes[-1] - sizes[0]):.1f} KB of brain and shim.\n\n"
    return text


def lists(rounds_by_name, rows):
    """A table of contestants beside each other, medians with their ranges."""
    text = "| | " + " | ".join(rounds_by_name) + " |\n|---|" + "---|" * len(rounds_by_name) + "\n"
    for key, title in rows:
        cells_ = [column(rounds, key) for rounds in rounds_by_name.values()]
        text += f"| {title} | " + " | ".join(
            f"{number(c[0])} ({number(c[1])}–{number(c[2])})" if c else "–" for c in cells_) + " |\n"
    return text + "\n"


def parts(result):
    """What was measured beside the rounds."""
    text = ""
    if storm := result.get("storm"):
        text += "## Crash storm\n\n200 workers that end at once, with no delay configured, for 20 s; each start writes a byte into a\n"
        text += "FIFO. nova books every end on the disk.\n\n" + lists(storm, [
            ("storm_per_s", "starts a second"), ("storm_cpu_ms_per_s", "CPU of the supervisor, ms per s"),
            ("storm_call_ms", "status during it, ms"), ("storm_call_p99_ms", "… p99, ms"),
            ("storm_longest_turn_ms", "longest turn of the loop, ms")])
    if logs := result.get("logs"):
        text += "## Logs\n\nOne worker that says 1 GiB in lines of 100 bytes, 4,000 bytes a write; as fast as what takes them\n"
        text += "lets it. With nova the worker writes into its file itself; the CPU is that of rotating it.\n\n" + lists(logs, [
            ("log_mb_per_s", "MB a second"), ("log_cpu_s_per_gb", "CPU of who stands in the way, s per GB")])
    if recovery := result.get("recovery"):
        text += "## A supervisor that is killed\n\nFrom the exec of the next one until it answers with all 1,000 workers running, their pids unchanged:\n"
        text += f"{number(column(recovery, 'recovery_ms')[0])} ms. systemd adds its `RestartSec=` of 200 ms.\n\n"
    if costs := result.get("accounting"):
        text += "## What accounting costs\n\nCPU of an idle fleet of 1,000, one thing changed at a time.\n\n| | ms per s |\n|---|---|\n"
        text += "".join(f"| {what} | {number(value)} |\n" for what, value in costs.items()) + "\n"
    if calls_ := result.get("syscalls"):
        text += "## System calls of a reading\n\n`strace -c` on the idle supervisor of 1,000 workers, calls an instance and second. A worker\n"
        text += "that did nothing is one `pread64` of `cpu.stat`; every tenth reading, and each of a worker that ran, is whole:\n"
        text += "cpu.stat, io.stat, three pressures, tasks, memory.\n\n| call | an instance and second |\n|---|---|\n"
        shown = sorted(calls_.items(), key=lambda pair: -pair[1])
        text += "".join(f"| `{name}` | {value:.3f} |\n" for name, value in shown if value >= 0.001) + "\n"
    if soak := result.get("soak"):
        text += f"## {soak['workers']:,} workers for {soak['seconds']} s\n\n| | |\n|---|---|\n"
        for key, title in [
            ("soak_start_s", "all running after, s"), ("soak_kills", "killed, 1 % a second"), ("soak_cpu_ms_per_s", "CPU, ms per s"),
            ("soak_call_ms", "status by API call, ms"), ("soak_memory_mb", "memory (PSS), MB"),
            ("soak_longest_turn_ms", "longest turn of the loop, ms"), ("soak_turns_over_50ms", "turns over 50 ms"),
            ("soak_longest_watchdog_gap_s", "longest time between pings of the watchdog (limit 10 s), s"),
            ("soak_scale_to_0_s", "scaled to nothing within, s"),
        ]:
            text += f"| {title} | {number(soak[key])} |\n"
        text += "\n"
    return text


def page(result):
    """docs/performance.md."""
    where = result["machine"]
    loads = result["load"]
    text = f"""# Performance

Generated by `Tests/Benchmarks/run`; do not edit.

Measured {result["at"][:10]} on {where["cores"]} cores ({where["model"]}), {where["memory_gib"]} GiB, {where["system"]},
Linux {where["kernel"]}; a durable write of 4 KiB takes {number(where["fsync_ms"])} ms there. {result["rounds"]} rounds, the
contestants one after the other within each; medians, in brackets the lowest and the highest. The load average before each
start was {min(loads)} to {max(loads)}, the benchmark's own part included. Trust ratios more than times, and a narrow range
more than a wide one.

"""
    text += aims(result) + "\n" + goals(result) + curve(result)
    for size, head, lines in cells(result):
        text += f"## {int(size):,} workers\n\n| | " + " | ".join(head[1:]) + " |\n|" + "---|" * len(head) + "\n"
        for line in lines:
            text += "| " + " | ".join(line) + " |\n"
        text += "\n"
    text += parts(result)
    text += f"""## What the figures mean

- The workers are `sleep`, each a worker of its own in the configuration. Each writes the moment of its birth into a FIFO
  before it becomes `sleep`, so nothing is polled and every contestant pays the same for it.
- Everybody's files are on an ext4 made for the run, where the machine allows that. Without a journal, and with the fleets of
  earlier runs deleted a minute ago, each new log file would look through their inodes first.
- **cold start**: from exec of the program until all run. nova: until its own API shows all as `running`, each with its row
  in the ledger; the others: until the last worker began.
- **memory**: proportional set size of the brain and the shim, from `smaps_rollup`, 2.5 s after the start.
- **idle CPU**: user and system time over {result["idle_s"]:.0f} s. nova and bare C read every worker's counters each second,
  from kept descriptors; supervisord reads nothing.
- **crash to restart**: from `kill -9` of a worker to the first word of its successor, {result["kills"]} times a round, no
  configured delay. nova books the exit on the disk, beside the start of the successor; the others book nothing.
- **status**: 50 times `novasup ps` (the peers' own command: 5 times), and the same listing over a kept connection.
- **stop of all**: from SIGTERM until the program has gone and no worker is left; by cgroup.kill, in every second round, for
  nova until its API says that all have stopped.
- **bare C**: one process that starts the workers into cgroups, waits for their pidfds and starts again at once; no
  configuration, no record, no API. It is the limit.

Versions: {"; ".join(f"{name}: {text}" for name, text in result["versions"].items())}.

## Run it

As root, on a machine that does nothing else:

```
Tests/Benchmarks/run --workers 10,100,1000,10000 --peers --json figures.json --page docs/performance.md
Tests/Benchmarks/run --only soak
```
"""
    return text
