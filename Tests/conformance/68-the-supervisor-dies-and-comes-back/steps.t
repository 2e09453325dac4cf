kill -9 of the supervisor and another start: the same pids, `start` says they run, `stop` works
source: pitchfork supervisor.bats "crashed supervisor re-adopts running daemon by default"; pm2 #1035; Supervisor #600

  $ boot
  $ up w@1; up w@2
  $ one=$(pid w@1) two=$(pid w@2)
  $ crash
  $ novasup ps 2>&1 | masked; (exit ${PIPESTATUS[0]})
  novasup: cannot list workers: the supervisor cannot be reached at RUNTIME/supervisor.sock: Connection refused (systemctl start nova-supervisor)
  [69]
  $ boot
  $ [[ $(pid w@1) == $one && $(pid w@2) == $two ]]
  $ novasup start w
  w@1 running (unchanged)
  w@2 running (unchanged)
  $ novasup ps -o json | python3 -c 'import json, sys; print([r["restarts_total"] for r in json.load(sys.stdin)])'
  [0, 0]
  $ novasup stop w
  w@1 stopped
  w@2 stopped
  $ gone $one; gone $two
