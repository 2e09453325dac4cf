One table of exit codes for every verb; a listing that worked exits 0 whatever it lists
source: pm2 right-exit-code.sh; supervisord tests/test_supervisorctl.py; Supervisor #1274 against #1223

  $ boot
  $ up up
  $ novasup ps > /dev/null; novasup status > /dev/null; novasup status down > /dev/null; novasup ps down -q
  NAME    STATE    PID  UPTIME  CRASHES  CPU%  MEM  TASKS  COST/H  ROI  WHY
  down@1  stopped    -       -      0/5     -    -      -       -    -
  $ novasup ps --check > /dev/null
  $ novasup start down > /dev/null; novasup stop down > /dev/null
  $ novasup start bad > /dev/null 2>&1
  [1]
  $ novasup ps --check > /dev/null
  novasup: not running: bad@1 (failed)
  [3]
  $ for v in start stop restart kill pause resume reset deploy status ps health logs wait; do novasup $v nobody; done
  novasup: cannot start nobody: no worker 'nobody' (see `novasup ps`)
  novasup: cannot stop nobody: no worker 'nobody' (see `novasup ps`)
  novasup: cannot restart nobody: no worker 'nobody' (see `novasup ps`)
  novasup: cannot kill nobody: no worker 'nobody' (see `novasup ps`)
  novasup: cannot pause nobody: no worker 'nobody' (see `novasup ps`)
  novasup: cannot resume nobody: no worker 'nobody' (see `novasup ps`)
  novasup: cannot reset nobody: no worker 'nobody' (see `novasup ps`)
  novasup: cannot deploy nobody: no worker 'nobody' (see `novasup ps`)
  novasup: cannot show the status: no worker 'nobody' (see `novasup ps`)
  novasup: cannot list workers: no worker 'nobody' (see `novasup ps`)
  novasup: cannot check the health: no worker 'nobody' (see `novasup ps`)
  novasup: cannot read the logs: no worker 'nobody' (see `novasup ps`)
  novasup: cannot wait for nobody: no worker 'nobody' (see `novasup ps`)
  [4]
  $ novasup stop up@7
  novasup: cannot stop up@7: no instance 'up@7' (did you mean 'up@1'?) (see `novasup ps`)
  [4]
  $ novasup stop 'no*'
  novasup: cannot stop no*: no worker matches 'no*' (see `novasup ps`)
  [4]
  $ novasup stop up nobody
  novasup: cannot stop up nobody: no worker 'nobody' (see `novasup ps`)
  [4]
  $ state up
  running
  $ novasup frobnicate
  novasup: unknown verb frobnicate (see `novasup help`)
  [2]
  $ novasup stop up --frobnicate
  novasup: unknown option --frobnicate (see `novasup help stop`)
  [2]
  $ novasup ps -o xml
  novasup: --output must be one of table, wide, json, jsonl, name (see `novasup help ps`)
  [2]
  $ novasup stop up --timeout soon
  novasup: --timeout must be a duration such as 30s, 5m or 24h (see `novasup help stop`)
  [2]
  $ novasup health down
  NAME    STATE    HEALTH       CHECKS  HEARTBEAT  RESTART  WHY
  down@1  stopped  not running       -          -  -
  [3]
  $ novasup health up
  NAME  STATE    HEALTH  CHECKS  HEARTBEAT  RESTART  WHY
  up@1  running  -            -          -  -
  $ NOVA_SOCKET=/nonexistent/socket novasup ps
  novasup: cannot list workers: the supervisor cannot be reached at /nonexistent/socket: No such file or directory (systemctl start nova-supervisor)
  [69]
  $ novasup --socket /nonexistent/socket stop up
  novasup: cannot stop up: the supervisor cannot be reached at /nonexistent/socket: No such file or directory (systemctl start nova-supervisor)
  [69]
  $ novasup wait up --for stopped --timeout 200ms
  up@1 running
  novasup: cannot wait for stopped: timed out
  [124]
