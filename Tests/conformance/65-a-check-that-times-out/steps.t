A check that takes too long says so with its limit
source: pebble checkstate TestTimeout

  $ boot
  $ up w
  $ unhealthy() { ! novasup health -q; }
  $ until_true unhealthy
  $ novasup health -o json | python3 -c 'import json, sys; print(json.load(sys.stdin)["instances"][0]["checks"][0]["message"])'
  check timed out after 25ms
  $ novasup health > /dev/null
  [1]
