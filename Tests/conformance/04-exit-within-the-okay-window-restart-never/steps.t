The same without a restart policy: it failed and stays down
source: pebble TestStartFastExitCommandOnFailureIgnore

  $ boot
  $ novasup start brief
  novasup: cannot start brief@1: exit 3 (see `novasup status brief@1`)
  [1]
  $ state brief
  failed
  $ field brief last_exit.code
  3
  $ starts brief
  1
