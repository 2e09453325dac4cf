A caller who does not wait that long gets 124 and the job goes on
source: supervisord test_transition_stops_unkillable; interface.md, exit code 124

  $ boot
  $ is deaf ready
  $ novasup stop deaf --timeout 300ms
  novasup: cannot stop deaf@1: still stopping; it goes on (see `novasup status deaf@1`)
  novasup: timed out: the job goes on in the supervisor (see `novasup ps`)
  [124]
  $ state deaf
  stopping
  $ touch go
  $ novasup wait deaf --for stopped --timeout 20s
  deaf@1 stopped
