A clean end of the supervisor leaves no process, no socket and no mark; the next start is a clean one
source: pitchfork "supervisor stop clears the supervisor record"

  $ boot
  $ up w
  $ old=$(pid w)
  $ down
  $ gone $old; pgrep -f "nova-shim.*$RUNTIME"
  [1]
  $ novasup ps 2>&1 | masked; (exit ${PIPESTATUS[0]})
  novasup: cannot list workers: the supervisor cannot be reached at RUNTIME/supervisor.sock: No such file or directory (systemctl start nova-supervisor)
  [69]
  $ boot
  $ up w
  $ field w restarts_total; field w crashes
  0
  0
