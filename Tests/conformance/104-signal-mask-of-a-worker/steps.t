A worker starts with no signal blocked or ignored, whatever the supervisor was started with, which obeys TERM and HUP itself
source: rows 104 and 105 (a trap of threads with their own masks); nohup
rows: 104 105

  $ blocked='import os, signal, sys
  > signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
  > for number in (1, 2, 13, 15, 17): signal.signal(number, signal.SIG_IGN)
  > os.execvp(sys.argv[1], sys.argv[1:])'
  $ python3 -c "$blocked" nova-supervisor run --config $CONFIG --state $STATE --runtime $RUNTIME > ../supervisor.log 2>&1 & supervisor=$!
  $ echo $supervisor > ../supervisor.pid; until_true answers
  $ file masks SigIgn; cat masks
  SigBlk: 0000000000000000
  SigIgn: 0000000000000000
  $ up w; old=$(pid w); kill -TERM $old; new_pid w $old; field w last_exit.signal
  15
  $ workers <<'END'
  > workers:
  >   other: { command: [sleep, "100000"] }
  > END
  $ kill -HUP $supervisor; up other
  $ kill -TERM $supervisor; wait $supervisor
