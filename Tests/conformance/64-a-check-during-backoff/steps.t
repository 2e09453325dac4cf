A failing check has no effect during backoff
source: pebble TestOnCheckFailureRestartDuringBackoff

  $ boot
  $ at_least runs 1
  $ touch go
  $ is w backoff
  $ novasup health w | masked; lines runs; field w crashes
  NAME  STATE    HEALTH       CHECKS  HEARTBEAT  RESTART  WHY
  w@1   backoff  not running       -          -  -        exit 1, restarts in AGE
  1
  1
