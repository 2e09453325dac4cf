A worker that was stopped by SIGSTOP hears its stop signal and ends well: SIGCONT follows it
source: s6-supervise.c (TERM followed by CONT); systemd.kill(5), SIGCONT

  $ boot; up w; file ready; until_true grep -q "^State:.T" /proc/$(pid w)/status
  $ novasup stop w
  w@1 stopped
  $ file bye
  $ field w last_exit.code; field w last_exit.signal
  0
  null
