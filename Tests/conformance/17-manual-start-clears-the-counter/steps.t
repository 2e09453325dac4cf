A start by hand after the limit clears the counter: the whole allowance again
source: dinit test_proc_term_start; OxMgr manual_restart_clears_auto_restart_history

  $ boot
  $ is crash failed
  $ lines runs
  3
  $ novasup start crash --no-wait
  crash@1 starting
  $ at_least runs 6
  $ is crash failed
  $ lines runs
  6
  $ novasup reset crash
  crash@1 stopped
  $ field crash crashes
  0
