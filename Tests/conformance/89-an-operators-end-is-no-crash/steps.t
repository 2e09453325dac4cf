Stop, kill, pause, restart and scale by hand never count as a crash
source: circus #809; pm2 #929; row 89

  $ boot
  $ up w
  $ novasup kill w; up w; novasup kill -s KILL w; up w; novasup pause w; novasup resume w
  w@1 backoff
  w@1 running
  w@1 paused
  w@1 running
  $ novasup restart w; novasup stop w; novasup start w; novasup scale w=3; novasup scale w=1
  w@1 running
  w@1 stopped
  w@1 running
  w 1 3
  w 3 1
  $ field w crashes
  0
