Readiness that never comes is a start timeout; what requires it stays down, what only comes after it starts
source: dinit test_proc_start_timeout, test_proc_start_timeout2, svc-start-fail expected-2

  $ boot
  $ novasup start mute
  novasup: cannot start mute@1: not ready within start_timeout [SIGTERM] (see `novasup status mute@1`)
  [1]
  $ field mute reason
  start_timeout
  $ pid mute
  null
  $ novasup start --no-wait hard soft
  hard@1 starting
  soft@1 starting
  also started: mute
  $ up soft
  $ state hard
  starting
