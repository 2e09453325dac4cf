"""The second try, alone, of what failed beside others. Must never hide that there was a first.

Two processors that run four supervisors at once make a deadline fail now and then; what is wrong fails alone as well.
"""

import multiprocessing

# More than this and it is no deadline: everything is broken, and a second try would only take time.
MOST = 8


def alone(run, failures, jobs):
    """The outcomes of `run` for each (name, text) that failed, one at a time in a process of its own."""
    if not failures:
        return []
    if jobs == 1 or len(failures) > MOST:
        return [(name, "failed", text, 0.0) for name, text in failures]
    print(f"\nonce more, alone: {', '.join(name for name, _ in failures)}", flush=True)
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        return pool.map(run, [name for name, _ in failures], chunksize=1)


def name_them(again):
    """What needed a second try, and what failed in both, by name: the end of a long log is what people read."""
    for outcome, said in (("passed", "passed only alone, on the second try"), ("failed", "failed")):
        names = [name for name, was, _, _ in again if was == outcome]
        if names:
            print(f"{said}: {', '.join(names)}")
