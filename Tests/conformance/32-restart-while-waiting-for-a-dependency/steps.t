A restart of a worker that still waits for a dependency is never two lives and never stuck
source: process-compose TestRestartWhilePendingOnDependency (#530)

  $ boot
  $ novasup start --no-wait top
  top@1 starting
  also started: base
  $ happened instance.waiting --worker top
  $ novasup restart --no-wait top
  top@1 starting
  $ novasup restart --no-wait top
  top@1 starting
  $ touch go
  $ novasup wait top --for running --timeout 30s
  top@1 running
  $ lines runs
  1
  $ novasup stop top
  top@1 stopped
