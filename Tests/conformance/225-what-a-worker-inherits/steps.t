A worker gets three descriptors, an empty stdin, a session of its own, and no variable of the supervisor's
source: daemon(7); systemd.exec(5) EnvironmentFile; pm2 #5190

  $ export LEAKED=secret; boot
  $ up w; file ids
  did not become true in 25 s: in_state w running ready
  w is cooldown
  did not become true in 25 s: holds ids
  
  [1]
  $ cat fds | wc -l
  cat: fds: No such file or directory
  0
  $ cat stdin
  cat: stdin: No such file or directory
  [1]
  $ grep -E 'LEAKED|BASH|CONFIG|STATE' env
  grep: env: No such file or directory
  [2]
  $ grep -E '^(GREETING|EMPTY|SPACED|FROM_FILE|EXPORTED|QUOTED|SINGLE|TRAILING|NOVA_WORKER|NOVA_INSTANCE|PATH|HOME|USER)=' env
  grep: env: No such file or directory
  [2]
  $ read sid pgid pid < ids; [[ $sid == $pid && $pgid == $pid && $pid == $(pid w) ]]
  /bin/bash: line 14: ids: No such file or directory
  [1]
  $ novasup status w | grep -c GREETING; novasup ps -o json | grep -c hello
  0
  0
  [1]
