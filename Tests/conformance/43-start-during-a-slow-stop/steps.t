A start during a slow stop waits for its end, then starts: two starts in all
source: pitchfork group_stop.bats

  $ boot
  $ is slow ready
  $ novasup stop --no-wait slow
  slow@1 stopping
  $ novasup start slow > said 2>&1 & starting=$!
  $ is slow stopping
  $ lines runs
  1
  $ touch go
  $ wait $starting; cat said
  slow@1 ready
  $ lines runs
  2
