#!/usr/bin/env python3
"""An agent of the plainest kind: it asks a model the same long question again and again, with the address and the key that it
finds in its environment, as the providers' own libraries do. What that costs it does not know; the gateway does.

usage: agent.py SECONDS      (between two calls)
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

QUESTION = "What do our customers want? " + "One of them wrote that the parcel came late. " * 260


def ask():
    body = {"model": "demo-small", "max_tokens": 100, "messages": [{"role": "user", "content": QUESTION}]}
    request = urllib.request.Request(
        os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages",
        json.dumps(body).encode(),
        {"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2023-06-01", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        usage = json.load(answer)["usage"]
    return f"read {usage['input_tokens']} tokens, wrote {usage['output_tokens']}"


while True:
    try:
        print(ask(), flush=True)
    except urllib.error.HTTPError as error:
        # A refusal is in the provider's own words; 402 says that the budget is empty.
        print(f"refused: {error.code} {error.read().decode(errors='replace')}", flush=True)
    except OSError as error:
        print(f"no answer: {error}", flush=True)
    time.sleep(float(sys.argv[1]))
