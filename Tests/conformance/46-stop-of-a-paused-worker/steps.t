A paused worker can be stopped: it is thawed and gets its stop signal
source: systemd TEST-38-FREEZER.sh (there refused)

  $ boot
  $ is w ready
  $ novasup pause w
  w@1 paused
  $ novasup stop w
  w@1 stopped
  $ cat bye
  bye
  $ novasup start w
  novasup: cannot start w@1: it is paused (novasup resume w)
  [8]
