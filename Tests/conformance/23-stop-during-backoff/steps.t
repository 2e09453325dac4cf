A stop during backoff or cooldown succeeds at once, sends no signal, and nothing starts later
source: pebble TestStopDuringBackoff; process-compose TestSystem_TestRestartingProcessShutDown; dinit test_proc_smooth_recovery4
rows: 23 24

  $ boot
  $ is crash backoff
  $ is cool cooldown
  $ novasup stop crash cool
  crash@1 stopped
  cool@1 stopped
  $ novasup ps -o name; state crash; state cool
  cool@1
  crash@1
  stopped
  stopped
  $ field cool cooldown_remaining_seconds
  null
  $ events --worker crash | grep -c signal
  0
  [1]
  $ starts crash
  1
