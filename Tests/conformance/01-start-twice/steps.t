A second start is a no-op that succeeds, and there is one process
source: pebble servstate/manager_test.go TestStartStopServicesIdempotency

  $ boot
  $ up web
  $ old=$(pid web)
  $ novasup start web
  web@1 running (unchanged)
  $ [[ $(pid web) == $old ]]
  $ starts web
  1
