A bad file is refused whole with its place, and what runs goes on
source: dinit igr reload1 output2.expected; pebble TestReplanUpdatesConfig

  $ boot
  $ up w
  $ old=$(pid w)
  $ workers <<'END'
  > workers:
  >   w: { command: ["sleep", "200000"] }
  >   x: { comand: ["sleep", "100000"] }
  > END
  $ novasup reload 2>&1 | masked; (exit ${PIPESTATUS[0]})
  CONFIG/workers.d/workers.yaml:3:3: worker 'x' has no command
  CONFIG/workers.d/workers.yaml:3:8: unknown key 'comand' in worker 'x' (did you mean 'command'?)
  novasup: cannot reload: 2 problems; nothing was changed (mend the file and run `novasup check`)
  [1]
  $ novasup reload --dry-run > /dev/null 2>&1
  [1]
  $ novasup check $CONFIG 2>&1 | masked; (exit ${PIPESTATUS[0]})
  CONFIG/workers.d/workers.yaml:3:3: worker 'x' has no command
  CONFIG/workers.d/workers.yaml:3:8: unknown key 'comand' in worker 'x' (did you mean 'command'?)
  novasup: 2 problems
  [1]
  $ [[ $(pid w) == $old ]]; novasup ps -o name
  w@1
  $ kill -HUP $supervisor
  $ happened config.refused || events | tail -4
  $ [[ $(pid w) == $old ]]
