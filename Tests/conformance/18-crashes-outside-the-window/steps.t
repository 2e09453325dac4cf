Crashes outside the window are dropped: no limit is reached
source: OxMgr tests/restart.rs crash_loop_window_drops_old_restart_attempts; circus test_beyond_window_resets_tries

  $ boot
  $ at_least runs 8
  $ in_state w backoff starting running
  $ events --type instance.failed
