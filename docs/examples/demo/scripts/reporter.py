"""Reports readiness, status, heartbeat and runs with the sd_notify protocol: one datagram, no library."""

import os
import socket
import time


def notify(*lines):
    """Sends one message to the supervisor; without a supervisor it says nothing."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto("\n".join(lines).encode(), address)


print("warming up", flush=True)
time.sleep(2)
notify("READY=1", "STATUS=warmed up")

run = 0
while True:
    run += 1
    time.sleep(5)
    print(f"run {run} is done", flush=True)
    notify(
        "WATCHDOG=1",
        f"STATUS={run} runs done",
        "X_NOVA_RUN=ok",
        f"X_NOVA_RUN_ID=demo-{os.getpid()}-{run}",
        "X_NOVA_SOURCE=demo",
    )
