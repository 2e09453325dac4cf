A cycle of dependencies is a load error that names the cycle
source: dinit igr check-cycle, cycles; process-compose TestComposeCircular

  $ novasup check $CONFIG 2>&1 | masked; (exit ${PIPESTATUS[0]})
  CONFIG/workers.d/workers.yaml:4:38: requires: makes a cycle: a -> b -> c -> a
  novasup: 1 problem
  [1]
  $ printf 'workers:\n  self: { command: ["true"], requires: [self] }\n' > $CONFIG/workers.d/workers.yaml
  $ novasup check $CONFIG 2>&1 | masked; (exit ${PIPESTATUS[0]})
  CONFIG/workers.d/workers.yaml:2:41: requires: makes a cycle: self -> self
  novasup: 1 problem
  [1]
  $ printf 'workers:\n  one: { command: ["true"], requires: [nobody] }\n' > $CONFIG/workers.d/workers.yaml
  $ novasup check $CONFIG 2>&1 | masked; (exit ${PIPESTATUS[0]})
  CONFIG/workers.d/workers.yaml:2:40: requires: there is no worker 'nobody'
  novasup: 1 problem
  [1]
