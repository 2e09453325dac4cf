A worker gets three descriptors, an empty stdin, a session of its own, and no variable of the supervisor's
source: daemon(7); systemd.exec(5) EnvironmentFile; pm2 #5190

  $ export LEAKED=secret; boot
  $ up w; file ids
  $ cat fds
  0
  1
  2
  3
  $ cat stdin
  not a tty
  $ grep -E 'LEAKED|BASH|CONFIG|STATE' env
  [1]
  $ grep -E '^(GREETING|EMPTY|SPACED|FROM_FILE|QUOTED|SINGLE|TRAILING|NOVA_WORKER|NOVA_INSTANCE|PATH|HOME|USER)=' env | sed 's/$/|/'
  EMPTY=|
  FROM_FILE=yes|
  GREETING=hello w 1 100%|
  HOME=/root|
  NOVA_INSTANCE=1|
  NOVA_WORKER=w|
  PATH=/usr/bin:/bin|
  QUOTED=two words|
  SINGLE=single $HOME|
  SPACED= a b |
  TRAILING=value|
  USER=root|
  $ read sid pgid pid < ids; [[ $sid == $pid && $pgid == $pid && $pid == $(pid w) ]]
  $ novasup status w | grep -c GREETING; novasup ps -o json | grep -c hello
  0
  0
  [1]
  $ echo 'export EXPORTED=too' >> extra.env; novasup restart w 2>&1 | masked
  novasup: cannot restart w@1: environment_file: DIR/extra.env:8: what stands before '=' is not a variable name (leave out 'export') [stage prepare, Invalid argument]
  $ echo 'NOEQUALS' > extra.env; novasup restart w 2>&1 | masked
  novasup: cannot restart w@1: environment_file: DIR/extra.env:1: is not KEY=VALUE (there is no '=') [stage prepare, Invalid argument]
  $ rm extra.env; novasup restart w 2>&1 | masked
  novasup: cannot restart w@1: environment_file: cannot open DIR/extra.env: No such file or directory [stage prepare] (see `novasup status w@1`)
