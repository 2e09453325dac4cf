Crash counter and cooldown go on where they were after the supervisor died
source: pitchfork supervisor.bats "retry count persists across supervisor restart"; row 90
rows: 20 90

  $ boot
  $ is cool cooldown
  $ at_least runs 2
  $ crash
  $ boot
  $ is cool cooldown
  $ field cool crashes
  2
  $ [[ $(field cool cooldown_remaining_seconds) -gt 500 ]]
  $ is crash failed
  $ lines runs
  3
