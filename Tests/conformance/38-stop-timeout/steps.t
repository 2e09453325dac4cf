TERM, and after the stop timeout KILL; it is `stopping` until then and `stopped` only when it is gone
source: dinit test_proc_stop_timeout; pebble TestKillDelayIsUsed; circus test_kills_after_graceful_timeout

  $ boot
  $ is deaf ready
  $ old=$(pid deaf)
  $ novasup stop --no-wait deaf
  deaf@1 stopping
  $ state deaf; alive $old
  stopping
  $ novasup stop deaf -t 300ms
  deaf@1 stopped
  $ gone $old
  $ events --worker deaf --type instance | tail -3 | masked
  instance.stopping deaf deaf@1 is being stopped (by an operator)
  instance.stopping deaf deaf@1 did not stop in time, killing it
  instance.stopped deaf deaf@1 stopped
  $ field deaf last_exit.signal; field deaf crashes
  9
  0
