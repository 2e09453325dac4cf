Where no descriptor is left the failure is recorded, the supervisor and the others live, and it starts when there is room
source: supervisord test_spawn_fail_make_pipes_emfile
needs: root prlimit

  $ boot
  $ up other
  $ shim=$(pgrep -f "nova-shim.*$RUNTIME")
  $ old=$(pid other)
  $ room=$(ls /proc/$shim/fd | wc -l)
  $ prlimit --pid $shim --nofile=$room:
  $ novasup start late --timeout 3s > said 2>&1; test $? -ne 0
  $ kill -0 $supervisor; kill -0 $shim
  $ [[ $(pid other) == $old ]]
  $ prlimit --pid $shim --nofile=4096:
  $ novasup start late > said 2>&1; up late
