A new life begins its counters anew; what it has cost in all never goes back
source: row 93

  $ boot
  $ up w; costly() { local c; c=$(field w cost_usd); [[ $c != null && $c > 0.000000 ]]; }; until_true costly
  $ before=$(field w cost_usd)
  $ novasup restart w
  w@1 running
  $ after=$(field w cost_usd); [[ ! $after < $before ]]
  $ novasup stop w; [[ ! $(field w cost_usd) < $after ]]
  w@1 stopped
