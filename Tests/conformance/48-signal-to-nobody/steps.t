A signal to a worker that does not run, or to no worker, is an error with its own code
source: systemd TEST-07-PID1.subgroup-kill.sh; pm2 right-exit-code.sh; supervisord test_signal_from_stopped
rows: 48 50

  $ boot
  $ novasup kill -s HUP down
  novasup: cannot kill down: down does not run
  [3]
  $ novasup kill down
  novasup: cannot kill down: down does not run
  [3]
  $ novasup signal nobody HUP
  novasup: cannot kill nobody: no worker 'nobody' (see `novasup ps`)
  [4]
  $ novasup kill -s NOSUCH down
  novasup: there is no signal NOSUCH (see `novasup help kill`)
  [2]
