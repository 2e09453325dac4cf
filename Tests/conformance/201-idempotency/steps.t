Every verb said twice is said once: no error, nothing started or ended a second time
source: interface.md, idempotent; Ansible, systemd

  $ boot
  $ up w
  $ for v in start start stop stop pause pause resume resume start reset reset; do novasup $v w; done
  w@1 running (unchanged)
  w@1 running (unchanged)
  w@1 stopped
  w@1 stopped (unchanged)
  w@1 stopped: nothing runs; the pause is kept and holds its next start
  w@1 stopped (unchanged): nothing runs; the pause is kept and holds its next start
  w@1 stopped
  w@1 stopped (unchanged)
  w@1 running
  w@1 running (unchanged)
  w@1 running (unchanged)
  $ starts w
  2
  $ novasup reload; novasup reload
  nothing changed
  nothing changed
  $ field w crashes
  0
