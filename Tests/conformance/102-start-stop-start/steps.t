Start, stop, start: the second start is not confirmed by the timer of the first
source: row 102 (a stale timer in pebble)

  $ boot
  $ novasup start --no-wait w; at_least runs 1; novasup stop w
  w@1 starting
  w@1 stopped
  $ novasup start w
  novasup: cannot start w@1: it ended before it was up: exit 9 (see `novasup status w@1`)
  [1]
  $ state w
  backoff
