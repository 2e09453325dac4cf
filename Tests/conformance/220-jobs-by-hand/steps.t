Jobs: one runs at its start and by its interval, one waits for its hour, one runs once; restart runs one now
source: process-compose scheduler_test.go; pitchfork cron.bats; systemctl start of a oneshot

  $ boot
  $ at_least runs 1; at_least once 1; is job waiting; is once completed
  $ novasup ps --no-headers | awk '{ print $1, $2 }'; lines cron
  cron@1 waiting
  job@1 waiting
  once@1 completed
  0
  $ novasup ps --check -q; novasup health -q
  $ novasup start job cron; novasup start once > /dev/null; lines runs; lines cron
  job@1 waiting (unchanged)
  cron@1 waiting (unchanged)
  1
  0
  $ novasup restart cron > /dev/null; at_least cron 1
  $ echo 3 > code; novasup restart job > /dev/null; at_least runs 2; is job waiting
  $ field job last_exit.code; field job crashes
  3
  1
  $ novasup stop job; novasup start job > /dev/null; at_least runs 3
  job@1 stopped
  $ novasup pause cron; state cron; novasup resume cron; state cron
  cron@1 paused
  paused
  cron@1 waiting
  waiting
