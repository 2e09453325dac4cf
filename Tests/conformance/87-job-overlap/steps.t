A job never runs twice at a time, and one stopped by hand stays unscheduled
source: process-compose scheduler_test.go; pitchfork cron.bats

  $ boot
  $ at_least runs 1
  $ at_least counted 4
  $ lines runs
  1
  $ touch go
  $ at_least runs 3
  $ novasup stop job counted
  job@1 stopped
  counted@1 stopped
  $ n=$(lines runs); novasup ps -o json | python3 -c 'import json, sys; print([r["state"] for r in json.load(sys.stdin)])'
  ['stopped', 'stopped']
  $ crash; boot
  $ [[ $(lines runs) == $n ]]; state job
  stopped
  $ novasup start job counted | sed 's/running/waiting/'
  job@1 waiting
  counted@1 waiting
  $ more() { (($(lines runs) > n)); }; until_true more
