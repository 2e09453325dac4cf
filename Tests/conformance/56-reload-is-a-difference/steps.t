A reload restarts only what changed; a pure change of instances restarts nobody
source: circus tests/test_reloadconfig.py; pebble TestReplanServices; process-compose TestSystem_TestUpdateKeepsProjectAlive

  $ boot
  $ for w in same count changed removed; do up $w; done
  $ same=$(pid same) count=$(pid count) changed=$(pid changed) removed=$(pid removed)
  $ workers <<'END'
  > workers:
  >   same: { command: ["sleep", "100000"] }
  >   count: { command: ["sleep", "100000"], instances: 2 }
  >   changed: { command: ["sleep", "200000"] }
  >   added: { command: ["sleep", "100000"] }
  > END
  $ novasup reload --dry-run
  added would be added
  changed would be restarted (command)
  count would be rescaled (instances): 1 to 2
  removed would be removed
  $ [[ $(pid changed) == $changed ]]
  $ novasup reload
  added added
  changed restarted (command)
  count rescaled (instances): 1 to 2
  removed removed
  $ up count@2; up added; new_pid changed $changed
  $ [[ $(pid same) == $same && $(pid count) == $count ]]
  $ until_true gone $removed
  $ novasup ps -o name
  added@1
  changed@1
  count@1
  count@2
  same@1
  $ novasup reload
  nothing changed
