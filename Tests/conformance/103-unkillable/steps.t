A process that SIGKILL does not end keeps its state, a start is not a second process, and the others are served
source: row 103; supervisord test_transition_stops_unkillable (simulated by the freezer of cgroup v1, in which a process is in D state)
rows: 103 40
needs: root

  $ ice=/sys/fs/cgroup/freezer/nova-test-$$; mkdir $ice 2> /dev/null && [[ -e $ice/freezer.state ]] || exit 80
  $ boot
  $ up w; up other; old=$(pid w)
  $ echo $old > $ice/cgroup.procs; echo FROZEN > $ice/freezer.state
  $ novasup stop w --timeout 2s
  novasup: cannot stop w@1: still killing; it goes on (see `novasup status w@1`)
  novasup: timed out: the job goes on in the supervisor (see `novasup ps`)
  [124]
  $ state w; alive $old
  killing
  $ novasup start w --timeout 1s
  novasup: cannot start w@1: still killing; it goes on (see `novasup status w@1`)
  novasup: timed out: the job goes on in the supervisor (see `novasup ps`)
  [124]
  $ state w; starts w
  killing
  1
  $ novasup ps w --no-headers | awk '{ print $1, $2 }'
  w@1 killing
  $ novasup restart other
  other@1 running
  $ crash; boot
  $ is w killing; alive $old; starts w
  1
  $ echo THAWED > $ice/freezer.state
  $ up w; gone $old; starts w
  2
  $ rmdir $ice
