Three starts side by side with staggered readiness are answered each with its own worker
source: pitchfork group_stop.bats

  $ boot
  $ novasup start one > 1 2>&1 & first=$!
  $ novasup start two > 2 2>&1 & second=$!
  $ novasup start three
  novasup: cannot start three@1: exit 4 (see `novasup status three@1`)
  [1]
  $ until_true in_state one starting; until_true in_state two starting
  $ touch go2; wait $second; cat 2
  two@1 ready
  $ cat 1
  $ touch go1; wait $first; cat 1
  one@1 ready
