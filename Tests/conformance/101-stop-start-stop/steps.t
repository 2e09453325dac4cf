Stop, start, stop: the second stop has its full grace, whatever was left of the first
source: row 101 (a stale timer in pebble)

  $ boot
  $ is slow ready
  $ novasup stop slow; novasup start slow; novasup stop slow
  slow@1 stopped
  slow@1 ready
  slow@1 stopped
  $ cat ended
  clean
  clean
  $ field slow last_exit.code
  0
