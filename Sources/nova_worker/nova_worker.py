"""Write a worker for Nova Supervisor in Python: one file, no dependency, Python 3.9 or later.

A worker says what one run does; interval, heartbeat, graceful stop, cooldown after failures and honest reports of
what each run cost and earned come with it:

    import nova_worker

    class Outreach(nova_worker.Worker):
        interval = 60                       # seconds from the start of a run to the start of the next

        def run(self):
            return nova_worker.Result(revenue="10.00", cost="0.05", source="stripe")

    nova_worker.main(Outreach())

Money goes through the supervisor's API on its Unix socket and is answered when it is durable; while the supervisor
restarts, the report is repeated with the same run id, so nothing is lost and nothing is booked twice. Heartbeat and
status go by sd_notify(3). Without a supervisor the worker runs all the same and says so once.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import secrets
import signal
import socket
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Dict, Iterator, NoReturn, Optional, Union

__version__ = "0.1.0"
__all__ = [
    "BudgetExhausted", "Refused", "Reservation", "Result", "Unreachable", "Worker", "main", "notify", "report",
    "reserve",
]

Amount = Union[str, int, Decimal]

# A supervisor that restarts is back within a second; one that is upgraded within a minute.
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


class Refused(Exception):
    """The supervisor understood and said no; repeating it would not help. `code` is its word for why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BudgetExhausted(Refused):
    """A limit has less left than was asked for."""


class Unreachable(Exception):
    """The supervisor did not answer in time."""


@dataclass(frozen=True)
class Result:
    """What one run did. Amounts in US dollars, as text, int or Decimal with at most six places; None is unknown."""

    revenue: Optional[Amount] = None
    cost: Optional[Amount] = None
    ok: bool = True
    source: Optional[str] = None
    status: Optional[str] = None


def usd(amount: Amount) -> str:
    """The decimal text of an amount. A float is refused: 0.1 is not a tenth in binary."""
    if isinstance(amount, bool) or not isinstance(amount, (str, int, Decimal)):
        raise TypeError(f"an amount is a str, int or Decimal, not {type(amount).__name__}")
    text = format(amount, "f") if isinstance(amount, Decimal) else str(amount)
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"{text!r} is not an amount of dollars with at most six places, such as '0.05'")
    return text


def notify(*lines: str) -> bool:
    """Sends one sd_notify message, such as READY=1; False when nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    message = "\n".join(line.replace("\n", " ") for line in lines).encode("utf-8", "replace")
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.setblocking(False)
        channel.sendto(message, address)
        return True
    return False


class _Connection(http.client.HTTPConnection):
    """HTTP over the supervisor's Unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("nova", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _socket_path() -> str:
    return os.environ.get("NOVA_SOCKET") or "/run/nova/supervisor.sock"


def _post(page: str, body: Dict[str, Any], patience: Optional[float], stop: Optional[threading.Event] = None,
          grace: float = 5.0) -> Dict[str, Any]:
    """Posts until there is an answer. `patience` None: for ever, but only `grace` seconds once `stop` is set."""
    started = time.monotonic()
    stopped: Optional[float] = None
    wait = _FIRST_WAIT
    while True:
        try:
            connection = _Connection(_socket_path(), timeout=30.0)
            try:
                connection.request("POST", page, json.dumps(body), {"Content-Type": "application/json"})
                answer = connection.getresponse()
                status, text = answer.status, answer.read()
            finally:
                connection.close()
            parsed = json.loads(text) if text else {}
            if status == 200 and isinstance(parsed, dict):
                return parsed
            error = parsed.get("error", {}) if isinstance(parsed, dict) else {}
            code, why = str(error.get("code", status)), str(error.get("message", f"HTTP {status}"))
            # 5xx but 501: it is starting, stopping or in trouble, so the same again later.
            if status < 500 or status == 501:
                raise (BudgetExhausted if code == "budget_exhausted" else Refused)(code, why)
        except (OSError, http.client.HTTPException, ValueError) as problem:
            why = str(problem) or type(problem).__name__
        now = time.monotonic()
        if stop is not None and stop.is_set() and stopped is None:
            stopped = now
        if (patience is not None and now - started >= patience) or (stopped is not None and now - stopped >= grace):
            raise Unreachable(f"cannot reach the supervisor at {_socket_path()}: {why}")
        if stop is not None and stopped is None:
            stop.wait(wait)
        else:
            time.sleep(min(wait, 0.5))
        wait = min(wait * 2, _LONGEST_WAIT)


def report(result: Result, run_id: str, patience: Optional[float] = 60.0) -> None:
    """Books one run. Returns when it is durable. The same `run_id` again changes nothing."""
    _post("/v1/reports", _report_body(result, run_id), patience)


def _report_body(result: Result, run_id: str) -> Dict[str, Any]:
    body: Dict[str, Any] = {"run_id": run_id, "ok": result.ok}
    if result.cost is not None:
        body["cost_usd"] = usd(result.cost)
    if result.revenue is not None:
        body["revenue_usd"] = usd(result.revenue)
    if result.source is not None:
        body["source"] = result.source
    if result.status is not None:
        body["status"] = result.status[:200]
    return body


class Reservation:
    """Money that is set aside before it is spent. `amount` is what was given, never more than was asked for."""

    def __init__(self, answer: Dict[str, Any], patience: Optional[float]) -> None:
        self.id = int(answer["reservation"])
        self.amount = Decimal(str(answer["amount_usd"]))
        self._patience = patience
        self._spent: Optional[str] = None

    def spent(self, amount: Amount) -> None:
        """Says what it really cost; the rest is given back."""
        self._spent = usd(amount)

    def finish(self) -> None:
        """Settles with what `spent` said, or gives all of it back."""
        if self._spent is None:
            _post("/v1/budgets/release", {"reservation": self.id}, self._patience)
        else:
            _post("/v1/budgets/settle", {"reservation": self.id, "spent_usd": self._spent}, self._patience)


@contextlib.contextmanager
def reserve(amount: Amount, provider: Optional[str] = None, run_id: Optional[str] = None, lease_seconds: float = 120.0,
            route: Optional[str] = None, least: Optional[Amount] = None,
            patience: Optional[float] = 60.0) -> Iterator[Reservation]:
    """Sets money aside for the block, or raises BudgetExhausted.

    with nova_worker.reserve("0.50", provider="anthropic") as money:
        money.spent(call_a_model())

    A block that ends by an exception before `spent` gives all of it back.
    """
    body: Dict[str, Any] = {
        "key": secrets.token_hex(16), "amount_usd": usd(amount), "lease_seconds": lease_seconds}
    for name, value in (("provider", provider), ("run_id", run_id), ("route", route),
                        ("least_usd", None if least is None else usd(least))):
        if value is not None:
            body[name] = value
    reservation = Reservation(_post("/v1/budgets/reserve", body, patience), patience)
    try:
        yield reservation
    finally:
        reservation.finish()


class Worker:
    """One worker. Override `run`; set the attributes that differ."""

    #: Seconds from the start of a run to the start of the next.
    interval: float = 60.0
    #: So many failures in a row are followed by a cooldown.
    max_failures: int = 5
    #: Seconds of rest after `max_failures`.
    cooldown: float = 300.0
    #: A run that takes longer lets the heartbeat stop, so that `watchdog:` restarts the worker.
    run_timeout: float = 600.0

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._deadline: Optional[float] = None
        self._lock = threading.Lock()

    def set_up(self) -> None:
        """Before the first run. An exception ends the process: the supervisor's crash rules follow."""

    def run(self) -> Optional[Result]:
        """One run. An exception is a failed run. None is a run without money."""
        raise NotImplementedError("a worker needs run()")

    def tear_down(self) -> None:
        """After the last run."""

    @property
    def stopping(self) -> bool:
        """The supervisor wants the worker to end; a long run looks at it now and then."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ends the worker after the present run."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Waits; True when the worker should end."""
        return self._stop.wait(max(0.0, seconds))

    def status(self, text: str) -> None:
        """One line for `novasup ps`."""
        notify("STATUS=" + text)

    def heartbeat(self) -> None:
        """Says that a long run still gets on: its timeout begins anew."""
        with self._lock:
            if self._deadline is not None:
                self._deadline = time.monotonic() + self.run_timeout
        notify("WATCHDOG=1")

    def serve(self) -> int:
        """Runs until it is told to stop; returns the exit code."""
        signal.signal(signal.SIGTERM, lambda number, frame: self._stop.set())
        signal.signal(signal.SIGINT, lambda number, frame: self._stop.set())
        if not os.environ.get("NOVA_SOCKET") and not os.environ.get("NOTIFY_SOCKET"):
            print("nova_worker: no supervisor here: nothing is reported", file=sys.stderr, flush=True)
        threading.Thread(target=self._beat, daemon=True, name="heartbeat").start()
        self.set_up()
        notify("READY=1")
        failures = 0
        while not self._stop.is_set():
            begun = time.monotonic()
            failures = 0 if self._one_run() else failures + 1
            if failures >= self.max_failures > 0:
                self.status(f"cooling down: {failures} failed runs in a row")
                failures = 0
                self.wait(self.cooldown)
            else:
                self.wait(self.interval - (time.monotonic() - begun))
        notify("STOPPING=1")
        self.tear_down()
        return 0

    def _one_run(self) -> bool:
        run_id = secrets.token_hex(16)
        with self._lock:
            self._deadline = time.monotonic() + self.run_timeout
        try:
            result = self.run() or Result()
            body = _report_body(result, run_id)
        except Exception:
            traceback.print_exc()
            body = _report_body(Result(ok=False), run_id)
        finally:
            with self._lock:
                self._deadline = None
        if os.environ.get("NOVA_SOCKET"):
            try:
                _post("/v1/reports", body, None, self._stop)
            except (Refused, Unreachable) as problem:
                print(f"nova_worker: run {run_id} is not booked: {problem}", file=sys.stderr, flush=True)
        return bool(body["ok"])

    def _beat(self) -> None:
        period = float(os.environ.get("WATCHDOG_USEC") or 0) / 2e6
        while period > 0:
            with self._lock:
                late = self._deadline is not None and time.monotonic() > self._deadline
            if not late:
                notify("WATCHDOG=1")
            time.sleep(period)


def main(worker: Worker) -> NoReturn:
    """Runs a worker to its end and exits."""
    sys.exit(worker.serve())
