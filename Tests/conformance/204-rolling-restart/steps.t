restart --rolling replaces one after the other, each ready before the next, and stops at one that does not come back
source: kubectl rollout restart; pm2 reload

  $ boot
  $ for n in 1 2 3; do is w@$n ready; up broken@$n; done
  $ cp /dev/null log
  $ novasup restart w --rolling
  w@1 ready
  w@2 ready
  w@3 ready
  $ cat log
  end 1
  start 1
  end 2
  start 2
  end 3
  start 3
  $ touch bad
  $ two=$(pid broken@2) three=$(pid broken@3)
  $ novasup restart broken --rolling --timeout 20s
  novasup: cannot restart broken@1: it ended before it was up: exit 4 (see `novasup status broken@1`)
  novasup: cannot restart broken@2: not restarted: another did not come up (see `novasup status broken@2`)
  novasup: cannot restart broken@3: not restarted: another did not come up (see `novasup status broken@3`)
  [1]
  $ novasup ps broken --no-headers | awk '{ print $1, $2 }'
  broken@1 cooldown
  broken@2 running
  broken@3 running
  $ [[ $(pid broken@2) == $two && $(pid broken@3) == $three ]]
