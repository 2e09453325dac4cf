A restart restarts exactly once and leaves nothing behind that restarts it again
source: dinit tests.cc test_other4

  $ boot
  $ at_least runs 1; up w
  $ novasup restart w
  w@1 running
  $ lines runs
  2
  $ kill -9 $(pid w)
  $ is w failed completed stopped
  $ lines runs
  2
