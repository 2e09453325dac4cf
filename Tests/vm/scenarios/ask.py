"""Asks every operation of the API once, as whoever runs it, and prints `STATUS ROLE METHOD PATH`.

The description comes from a file, so that a caller who may not read it can be tried too. Must never send a body that an
order could be made of."""

import http.client
import json
import re
import socket
import sys


class Unix(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect("/run/nova/supervisor.sock")


for path, methods in json.load(open(sys.argv[1]))["paths"].items():
    for method, operation in methods.items():
        call = Unix("nova")
        body = None if method == "get" else "{"
        call.request(method.upper(), re.sub(r"{\w+}", "keeper", path), body, {"Content-Type": "application/json"} if body else {})
        print(call.getresponse().status, operation["x-role"], method.upper(), path)
        call.close()
