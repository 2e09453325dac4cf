At the limit a cooldown with a visible deadline, and it comes back by itself; after the last round it has failed
source: circus test_below_max_retry_triggers_restart, test_above_max_retry_triggers_final_stop, test_minus_one_max_retry_triggers_restart

  $ boot
  $ is crash failed
  $ lines runs
  6
  $ events --type instance --worker crash | grep -c cool
  2
  $ is patient cooldown
  $ left=$(field patient cooldown_remaining_seconds); ((left > 400 && left <= 600))
  $ novasup ps patient --no-headers | masked
  patient@1  cooldown  -  -  1/1  -  -  -  -  -  exit 5, cooldown AGE left
