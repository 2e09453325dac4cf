An exit before it was up fails the start with its code and its last lines, and it is in backoff
source: pebble TestStartFastExitCommand

  $ boot
  $ novasup start brief
  novasup: cannot start brief@1: it ended before it was up: exit 3 (see `novasup status brief@1`)
    | one line
    | another
  [1]
  $ state brief
  backoff
  $ field brief crashes
  1
