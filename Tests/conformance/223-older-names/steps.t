Names that hands know from elsewhere mean what they meant there
source: supervisorctl, pm2, docker, systemctl

  $ boot
  $ up w
  $ novasup freeze w; novasup thaw w; novasup freeze w; novasup unpause w
  w@1 paused
  w@1 running
  w@1 paused
  w@1 running
  $ novasup signal w CONT; novasup signal w SIGCONT; novasup signal w 18
  w@1 running
  w@1 running
  w@1 running
  $ novasup reread; novasup update; novasup daemon-reload
  nothing changed
  nothing changed
  nothing changed
  $ novasup workers stop w; novasup agents start w; novasup workers status w | head -1 | masked; novasup agents scale w=1
  w@1 stopped
  w@1 running
  w  (CONFIG/workers.d/workers.yaml:2)
  w 1 1
  $ novasup workers health > /dev/null; novasup workers frobnicate
  novasup: workers is used as `novasup workers start|stop|status|scale|health \xe2\x80\xa6` (see `novasup help`) (esc)
  [2]
  $ novasup list -o name; novasup ls -o name
  w@1
  w@1
  $ novasup doctor > /dev/null; novasup check --host > /dev/null
  $ novasup tail w > tailed & tail=$!; kill $tail; wait $tail; test $? -ge 128
