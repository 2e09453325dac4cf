# Status text of a worker that wants the terminal: escapes, newlines, a million characters.
import os
import socket

address = os.environ["NOTIFY_SOCKET"]
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    to = "\0" + address[1:] if address.startswith("@") else address
    try:
        s.sendto(b"STATUS=" + b"\x1b[2J\x07" * 200_000, to)
    except OSError:
        pass
    s.sendto("STATUS=\x1b]0;owned\x07 \x1b[31mred\r back\t tab \u202e rtl \x9b31m c1 ünï 漢字".encode(), to)
