At its threshold the worker is restarted once an outage; with action none it is only shown
source: pebble TestActionRestart; process-compose TestReadinessProbeRestart
rows: 62

  $ boot
  $ up w; up quiet
  $ old=$(pid w) other=$(pid quiet)
  $ touch bad
  $ new_pid w $old
  $ events --worker w --type instance | grep -i health | head -2
  instance.stopping w w@1 fails its health check flag
  instance.backoff w w@1 crashed (health check failed), crash 1/5, restarting in 0.1s
  $ novasup health quiet > /dev/null
  [1]
  $ [[ $(pid quiet) == $other ]]
  $ rm bad
  $ until_true novasup health -q
