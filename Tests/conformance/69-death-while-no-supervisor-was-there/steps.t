A worker that died while no supervisor was there: its exit code arrives, counts once, and it is restarted
source: pitchfork "daemon that dies during a supervisor crash is retried on restart", "adopted daemon death is detected"
rows: 69 70

  $ boot
  $ up w
  $ old=$(pid w)
  $ crash
  $ touch go
  $ until_true gone $old
  $ boot
  $ new_pid w $old
  $ field w last_exit.code; field w crashes
  7
  1
  $ again=$(pid w)
  $ touch go
  $ new_pid w $again
  $ field w last_exit.code; field w crashes
  7
  2
