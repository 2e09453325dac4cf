"""Leaks: 4 MiB every half second, written to, so that they are really there."""

import time

kept = []
while True:
    kept.append(b"\xa5" * (4 << 20))
    print(f"keeping {len(kept) * 4} MiB", flush=True)
    time.sleep(0.5)
