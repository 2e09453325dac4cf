wait ends when it is true for all, says so by its code, and does not end before
source: interface.md, wait; docker wait; kubectl wait; sv -w

  $ boot
  $ novasup wait w ready --for running --timeout 30s 2>&1 | awk '{ print $1 }'
  ready@1
  w@1
  novasup:
  $ novasup wait ready --timeout 300ms
  ready@1 starting
  novasup: cannot wait for ready: timed out
  [124]
  $ touch up; novasup wait ready
  ready@1 ready
  $ novasup wait w --for exit > said & waiting=$!
  $ touch go; wait $waiting; cat said
  w@1 failed
  $ novasup wait w --for exit
  w@1 failed
  $ novasup wait down w --for stopped
  down@1 stopped
  w@1 failed
  $ novasup wait down --for ready --timeout 200ms
  down@1 stopped
  novasup: cannot wait for ready: timed out
  [124]
  $ novasup wait job --for ready --timeout 20s
  job@1 waiting
  $ novasup wait ready@1 -o name
  ready@1
  $ novasup wait ready -q
  $ novasup wait
  novasup: wait needs TARGET (see `novasup help wait`)
  [2]
  $ novasup wait ready --for sleep
  novasup: --for must be one of running, ready, stopped, exit (see `novasup help wait`)
  [2]
  $ novasup wait ready --timeout 0
  ready@1 ready
  $ novasup wait ready --timeout 0s
  ready@1 ready
