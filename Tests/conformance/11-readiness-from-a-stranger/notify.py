# Sends its arguments to NOTIFY_SOCKET, one datagram.
import os
import socket
import sys

address = os.environ["NOTIFY_SOCKET"]
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
    s.sendto("\n".join(sys.argv[1:]).encode(), "\0" + address[1:] if address.startswith("@") else address)
