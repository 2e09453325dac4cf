on-failure: exit 0 stays down, exit 1 is restarted
source: dinit test_proc_term_restart5

  $ boot
  $ is good completed
  $ is bad failed
  $ lines good; lines bad
  1
  3
  $ field good crashes
  0
