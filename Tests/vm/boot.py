"""Boots the test machine once with QEMU's own CPU emulation and reads TAP from its second serial port.

Prints the scenario's lines and a closing `NAME: N passed, N failed, N skipped in S s`.
Must never need KVM, a network or root, and never wait without a deadline.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import time


def command(options, console, results):
    kernel = " ".join([
        "root=/dev/nvme0n1 rw quiet console=ttyS0 systemd.show_status=false systemd.log_level=notice",
        "random.trust_cpu=on mitigations=off no_timer_check panic=-1 net.ifnames=0 psi=1",
        f"nova.scenario={options.scenario} nova.phase={options.phase} nova.limit={options.limit - 20} nova.slow={options.slow}",
    ])
    return [
        "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "2048",
        "-nic", "none", "-display", "none", "-monitor", "none", "-no-reboot",
        "-kernel", str(options.kernel), "-append", kernel,
        "-drive", f"if=none,id=root,file={options.disk},format=raw,cache=unsafe",
        "-device", "nvme,drive=root,serial=root",
        "-drive", f"if=none,id=payload,file={options.payload},format=raw,readonly=on",
        "-device", "nvme,drive=payload,serial=payload",
        "-serial", f"file:{console}", "-serial", f"file:{results}",
    ]


def tally(lines):
    passed = failed = skipped = 0
    for line in lines:
        if re.match(r"ok\b.*# SKIP", line):
            skipped += 1
        elif re.match(r"ok\b", line):
            passed += 1
        elif re.match(r"not ok\b", line):
            failed += 1
    return passed, failed, skipped


def main():
    parser = argparse.ArgumentParser()
    for name in ("kernel", "disk", "payload", "logs"):
        parser.add_argument("--" + name, required=True, type=pathlib.Path)
    parser.add_argument("--scenario", required=True)
    parser.add_argument("--phase", type=int, default=1)
    parser.add_argument("--slow", type=int, default=1, help="how many times longer each wait may take")
    parser.add_argument("--limit", type=int, default=300, help="seconds for the whole boot")
    options = parser.parse_args()
    title = options.scenario + (f"/{options.phase}" if options.phase > 1 else "")
    options.logs.mkdir(parents=True, exist_ok=True)
    stem = title.replace("/", "-")
    console, results = options.logs / f"{stem}.console", options.logs / f"{stem}.tap"
    results.write_bytes(b"")

    began = time.monotonic()
    with open(options.logs / f"{stem}.qemu", "wb") as said:
        machine = subprocess.Popen(command(options, console, results), stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        shown, timed_out = 0, False
        try:
            while True:
                ended = machine.poll() is not None
                text = results.read_text(errors="replace").replace("\r", "")
                whole = text if ended else text[: text.rfind("\n") + 1]
                if len(whole) > shown:
                    sys.stdout.write(whole[shown:])
                    sys.stdout.flush()
                    shown = len(whole)
                if ended:
                    break
                if time.monotonic() - began > options.limit:
                    timed_out = True
                    machine.kill()
                    machine.wait()
                try:
                    machine.wait(timeout=0.25)
                except subprocess.TimeoutExpired:
                    pass
        finally:
            if machine.poll() is None:
                machine.kill()
                machine.wait()

    lines = results.read_text(errors="replace").replace("\r", "").splitlines()
    passed, failed, skipped = tally(lines)
    ends = [line for line in lines if line.startswith("# end status ")]
    if timed_out:
        print(f"not ok - {title} ends within {options.limit} s")
        failed += 1
    elif not ends:
        print(f"not ok - {title} reached its end (see {console})")
        failed += 1
    elif ends[-1] != "# end status 0" and failed == 0:
        print(f"not ok - {title}: {ends[-1][2:]}")
        failed += 1
    elif passed == 0 and failed == 0:
        print(f"not ok - {title} tested something")
        failed += 1
    seconds = round(time.monotonic() - began, 1)
    print(f"vm {title}: {passed} passed, {failed} failed, {skipped} skipped in {seconds} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
