The linter names every problem with file, line, column and a suggestion, and exits 1
source: dinit igr check-lint

  $ novasup check $CONFIG 2>&1 | masked; (exit ${PIPESTATUS[0]})
  CONFIG/workers.d/workers.yaml:2:3: worker 'w' has no command
  CONFIG/workers.d/workers.yaml:2:8: unknown key 'comand' in worker 'w' (did you mean 'command'?)
  CONFIG/workers.d/workers.yaml:2:37: instances: '-1' is not between 0 and 10000
  CONFIG/workers.d/workers.yaml:2:52: requires: there is no worker 'nobody'
  CONFIG/workers.d/workers.yaml:2:75: stop_timeout: '10' is not a duration (such as AGE, AGE, AGE, AGE or 7d) (did you mean 'AGE'?)
  CONFIG/workers.d/workers.yaml:2:93: ready.log: cannot read the pattern '(': missing closing parenthesis (at byte 1)
  novasup: 6 problems
  [1]
  $ novasup check $CONFIG -o json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))'
  novasup: 6 problems
  6
  $ novasup check $CONFIG/workers.d/workers.yaml > /dev/null 2>&1
  [1]
  $ printf 'workers:\n  w: { command: ["true"] }\n' > $CONFIG/workers.d/workers.yaml; novasup check $CONFIG
  the configuration is well
  $ printf 'autonomus: true\n' > $CONFIG/supervisor.yaml; novasup check $CONFIG 2>&1 | masked; (exit ${PIPESTATUS[0]})
  CONFIG/supervisor.yaml:1:1: unknown key 'autonomus' in the supervisor's configuration (did you mean 'autonomous'?)
  novasup: 1 problem
  [1]
  $ novasup check /nonexistent
  novasup: cannot check /nonexistent: there is no such file or directory
  [1]
