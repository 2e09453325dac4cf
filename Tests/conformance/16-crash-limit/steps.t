At the crash limit it is stopped for good, no timer is left, and what requires it stays down
source: dinit test_proc_term_restart_fail; pm2 infinite-loop.sh
rows: 16 36

  $ boot
  $ is crash failed
  $ starts crash
  3
  $ field crash crashes
  3
  $ field crash cooldown_remaining_seconds
  null
  $ novasup ps crash --no-headers
  crash@1  failed  -  -  3/3  -  -  -  -  -  exit 5
  $ events --type instance --worker crash | tail -1
  instance.failed crash crash@1 crashed (exit 5), crash 3/3, giving up (start it by hand once it is mended)
