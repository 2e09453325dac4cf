A worker that obeys gets no KILL and the stop returns early
source: circus test_exits_within_graceful_timeout

  $ boot
  $ is polite ready
  $ novasup stop polite
  polite@1 stopped
  $ cat bye
  bye
  $ field polite last_exit.code; field polite last_exit.signal
  0
  null
