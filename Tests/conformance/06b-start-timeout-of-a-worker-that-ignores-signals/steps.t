A start that timed out is stopped by its signal, then by SIGKILL after its stop timeout, and nothing is left
source: dinit test_proc_start_timeout

  $ boot
  $ novasup start deaf
  novasup: cannot start deaf@1: not ready within start_timeout [SIGKILL] (see `novasup status deaf@1`)
  [1]
  $ gone $(cat pid)
  $ state deaf
  failed
