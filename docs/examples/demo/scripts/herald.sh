#!/bin/sh
# Reports from a shell script: `novasup report` waits for the answer, so what it said is booked.
sleep 1
novasup report --ready --status "up since $(date +%H:%M:%S)"
count=0
while :; do
  sleep 8
  count=$((count + 1))
  novasup report --heartbeat --status "$count heartbeats" || echo "the supervisor is away; going on without it"
done
