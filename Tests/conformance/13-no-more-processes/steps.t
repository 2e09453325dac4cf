Where the kernel refuses another process the error is recorded, the supervisor lives, and it starts when there is room
source: supervisord tests/test_process.py test_spawn_fork_fail_eagain
needs: root setpriv prlimit

  $ chown -R 54321 $CONFIG $STATE $RUNTIME
  $ setpriv --reuid 54321 --regid 54321 --clear-groups nova-supervisor run --config $CONFIG --state $STATE --runtime $RUNTIME < /dev/null > ../supervisor.log 2>&1 & supervisor=$!
  $ echo $supervisor > ../supervisor.pid; until_true answers
  $ shim=$(pgrep -f "nova-shim.*$RUNTIME")
  $ setpriv --reuid 54321 --regid 54321 --clear-groups prlimit --pid $shim --nproc=0:
  $ novasup start late
  novasup: cannot start late@1: clone: Resource temporarily unavailable (see `novasup status late@1`)
  [1]
  $ field late reason; kill -0 $supervisor; kill -0 $shim
  exec_failed
  $ setpriv --reuid 54321 --regid 54321 --clear-groups prlimit --pid $shim --nproc=1000:
  $ novasup start late > said 2>&1; up late
