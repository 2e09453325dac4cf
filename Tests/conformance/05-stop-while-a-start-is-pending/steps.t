A stop while the start is still pending ends the start with an error, and nothing of it goes on
source: pebble TestStopServiceWithinOkayDelay, TestStopWithinOkayDelay

  $ boot
  $ novasup start slow > started 2>&1 & starting=$!
  $ file begun
  $ state slow
  starting
  $ novasup stop slow
  slow@1 stopped
  $ wait $starting
  [1]
  $ cat started
  novasup: cannot start slow@1: stopped before it was up (see `novasup status slow@1`)
  $ touch go
  $ state slow
  stopped
  $ ls done
  ls: cannot access 'done': No such file or directory
  [2]
