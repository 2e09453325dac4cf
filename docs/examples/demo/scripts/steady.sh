#!/bin/sh
# A steady service: says hello every five seconds and goes quietly when told to.
trap 'echo "$1@$2 goes"; exit 0' TERM
echo "$1@$2 is here"
count=0
while :; do
  count=$((count + 1))
  echo "$1@$2 has worked $count times"
  # in the background, so that the trap need not wait for it
  sleep 5 &
  wait $!
done
