A check that fails for good restarts its worker once an outage, not for ever, and it stays unhealthy
source: process-compose TestReadinessProbeRestart (there up to a limit); pebble TestActionRestart

  $ boot
  $ at_least runs 2; up w; old=$(pid w)
  $ failing() { [[ $(novasup health -o json | python3 -c 'import json, sys; print([c["failures"] for c in json.load(sys.stdin)["instances"][0]["checks"]])') =~ [0-9]{2} ]]; }
  $ until_true failing
  $ lines runs; field w crashes; [[ $(pid w) == $old ]]
  2
  1
  $ novasup health -q
  [1]
