The log is kept over restarts, in order; -p is the life before, --stderr its errors
source: pebble TestServiceLogs; dinit igr catlog

  $ echo 1 > n; boot; up w
  $ echo 2 > n; novasup restart w; echo 3 > n; novasup restart w
  w@1 running
  w@1 running
  $ novasup logs w
  w@1 | life 1 begins
  w@1 | life 2 begins
  w@1 | life 3 begins
  w@1 | to stderr
  w@1 | to stderr
  w@1 | to stderr
  $ novasup logs w -n 1
  w@1 | life 3 begins
  w@1 | to stderr
  $ novasup logs w -p
  w@1 | life 2 begins
  w@1 | to stderr
  $ novasup logs w --stderr
  w@1 | to stderr
  w@1 | to stderr
  w@1 | to stderr
  $ novasup logs w -g 'life [13]'
  w@1 | life 1 begins
  w@1 | life 3 begins
  $ novasup logs w -g '('
  novasup: cannot read the logs: grep: cannot read the pattern '(': missing closing parenthesis (at byte 1)
  [2]
  $ novasup logs w -n 0
  $ novasup logs w -n -1
  novasup: --lines must be a whole number from 0 to 100000 (see `novasup help logs`)
  [2]
  $ novasup logs w -n 100000 | head -1
  w@1 | life 1 begins
  $ novasup logs
  w@1 | life 1 begins
  w@1 | life 2 begins
  w@1 | life 3 begins
  w@1 | to stderr
  w@1 | to stderr
  w@1 | to stderr
  $ novasup logs w --no-prefix -n 1
  life 3 begins
  to stderr
