#!/usr/bin/env python3
"""An eye that does not ask the supervisor: births and ends of its workers as the kernel tells them, its groups, its strays.

usage: observer.py RUNTIME_DIR GROUP_ROOT
Says `ready`, then answers each line of stdin with one line of JSON. Births and ends come from the kernel's process events
(connector, CN_PROC), so no life is too short to be seen; the rest is read from /proc and the cgroup tree. A worker is a
child of a nova-shim whose command line names RUNTIME_DIR. Must never talk to the supervisor or read its files.
"""

import json
import os
import select
import socket
import struct
import sys
import time

CN_IDX_PROC, LISTEN = 1, 1
FORK, EXEC, EXIT = 1, 2, 0x80000000


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


class ProcessEvents:
    """The kernel's process events as (what, time in ns, four numbers)."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 11)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE: a compiler next door forks too
        self.socket.bind((0, CN_IDX_PROC))
        message = struct.pack("=IIIIHHI", CN_IDX_PROC, 1, 0, 0, 4, 0, LISTEN)
        self.socket.send(struct.pack("=IHHII", 16 + len(message), 3, 0, 0, 0) + message)
        self.socket.setblocking(False)
        # Events lost to a full buffer: then nothing can be said about exits, and that is said.
        self.lost = 0

    def take(self):
        while True:
            try:
                data = self.socket.recv(65536)
            except BlockingIOError:
                return
            except OSError:
                self.lost += 1
                continue
            what, _, at = struct.unpack_from("=IIQ", data, 36)
            if what in (FORK, EXEC, EXIT):
                yield what, at, struct.unpack_from("=IIII", data[52:] + b"\0" * 16)


class Observer:
    def __init__(self, runtime, root):
        self.runtime, self.root = runtime.encode(), root
        self.events = ProcessEvents()
        self.shims = set()
        self.living = {}
        self.ended = []

    def drain(self):
        for what, at, numbers in self.events.take():
            if what == FORK:
                _, parent, child, child_group = numbers
                if parent in self.shims and child == child_group:
                    self.living[child] = {"pid": child, "born_ns": at, "exec": False, "slot": None}
            elif what == EXEC:
                self.executed(numbers[1])
            else:
                pid, group, status = numbers[:3]
                if pid != group:
                    continue
                self.shims.discard(pid)
                life = self.living.pop(pid, None)
                if life:
                    life.update(ended_ns=at, status=status)
                    self.ended.append(life)

    def executed(self, pid):
        life = self.living.get(pid)
        if life:
            life["exec"] = True
            life["slot"] = self.slot(pid)
            return
        words = read(f"/proc/{pid}/cmdline").split(b"\0")
        if os.path.basename(words[0]) == b"nova-shim" and self.runtime in words:
            self.shims.add(pid)

    def slot(self, pid):
        """`w-NAME-N` of the group a process is in, None when it is not one of ours or gone."""
        path = next((line[3:] for line in read(f"/proc/{pid}/cgroup").decode().splitlines() if line[:3] == "0::"), "")
        parts = path.split("/")
        ours = os.path.basename(self.root)
        # A life that follows at once has its number behind the name.
        return parts[parts.index(ours) + 1].partition(".")[0] if ours in parts[:-1] else None

    def look(self):
        self.drain()
        groups = {}
        for name in os.listdir(self.root) if os.path.isdir(self.root) else []:
            if name.startswith("w-"):
                inside = []
                for directory, _, _ in os.walk(os.path.join(self.root, name)):
                    inside += [int(pid) for pid in read(os.path.join(directory, "cgroup.procs")).split()]
                events = read(os.path.join(self.root, name, "cgroup.events"))
                seen = {"pids": inside, "frozen": b"frozen 1" in events, "populated": b"populated 1" in events}
                slot = name.partition(".")[0]
                if slot in groups:
                    # An ended life's empty group beside the next one's: the slot is what both hold.
                    old = groups[slot]
                    seen = {"pids": old["pids"] + inside, "frozen": old["frozen"] or seen["frozen"],
                            "populated": old["populated"] or seen["populated"]}
                groups[slot] = seen
        strays = self.strays()
        self.drain()
        ended, self.ended = self.ended, []
        return {"now_ns": time.monotonic_ns(), "shims": sorted(self.shims), "living": list(self.living.values()),
                "ended": ended, "groups": groups, "strays": strays, "lost": self.events.lost}

    def strays(self):
        """Processes that carry a worker's notify socket in their environment and are in no worker's group."""
        mark = b"NOTIFY_SOCKET=" + self.runtime + b"/"
        found = []
        for name in os.listdir("/proc"):
            if name.isdigit() and mark in read(f"/proc/{name}/environ") and self.slot(name) is None:
                # Between the two reads it may have ended, and a zombie has left its group.
                state = read(f"/proc/{name}/stat").rpartition(b")")[2].split()[:1]
                if state and state[0] not in (b"Z", b"X") and self.slot(name) is None:
                    found.append(int(name))
        return found


def main():
    observer = Observer(sys.argv[1], sys.argv[2])
    poll = select.poll()
    poll.register(observer.events.socket, select.POLLIN)
    poll.register(0, select.POLLIN | select.POLLHUP)
    print("ready", flush=True)
    while True:
        for descriptor, _ in poll.poll():
            if descriptor != 0:
                observer.drain()
            elif sys.stdin.buffer.raw.readline():
                print(json.dumps(observer.look()), flush=True)
            else:
                return


main()
