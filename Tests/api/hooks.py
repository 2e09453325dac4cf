"""What the client may not ask, because the answer never ends or ends too late: followed streams and long waits.
Must never change anything else: whatever is turned off here is not tested.
"""

import itertools
import re

import schemathesis

turns = itertools.count()
# Seconds that one wait of the client may take.
LONGEST = 0.2


def shorter(wait):
    """What is a number stays one; whatever else is there is for the supervisor to refuse."""
    is_number = isinstance(wait, (int, float)) and not isinstance(wait, bool)
    return LONGEST if wait is None or is_number and wait > LONGEST else wait


@schemathesis.hook
def before_call(context, case, kwargs):
    """Of every call, whichever phase made it."""
    path = case.operation.path
    query, body, names = case.query, case.body, case.path_parameters
    # Each second number and name is one that exists, where a good one was asked for.
    if names and next(turns) % 2:
        number, name = names.get("id"), names.get("name")
        if isinstance(number, int) and not isinstance(number, bool) and number >= 1:
            case.path_parameters = {**names, "id": 1}
        if isinstance(name, str) and re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", name):
            case.path_parameters = {**names, "name": "a"}
    if path in ("/v1/events", "/v1/logs") and query:
        case.query = {key: value for key, value in query.items() if key not in ("follow", "until_end")}
    if path == "/v1/wait":
        wait = (query or {}).get("timeout_seconds")
        try:
            wait = shorter(wait if wait is None else float(wait))
        except (TypeError, ValueError):
            pass
        case.query = {**(query or {}), "timeout_seconds": wait}
    # Each second table is one, and each second call was made some time ago.
    if path == "/v1/gateway/prices" and isinstance(body, dict) and isinstance(body.get("table"), str) and next(turns) % 2:
        case.body = {**body, "table": '{"m%d": {"mode": "chat", "input_cost_per_token": 1e-06}}' % (next(turns) % 5)}
    if path == "/v1/gateway/calls" and isinstance(body, dict) and isinstance(body.get("calls"), list) and next(turns) % 2:
        case.body = {**body, "calls": [
            {**call, "at": "2026-01-01T00:00:00Z"} if isinstance(call, dict) and isinstance(call.get("at"), str) else call
            for call in body["calls"]]}
    if path == "/v1/actions" and isinstance(body, dict):
        case.body = {**body, "wait_timeout_seconds": shorter(body.get("wait_timeout_seconds"))}
