A stop of a worker that waits for a dependency releases it at once
source: process-compose TestStopWhilePendingReleasesTheProcess

  $ boot
  $ novasup start --no-wait top
  top@1 starting
  also started: base
  $ happened instance.waiting --worker top
  $ novasup stop top
  top@1 stopped
  $ state top
  stopped
  $ lines runs
  0
