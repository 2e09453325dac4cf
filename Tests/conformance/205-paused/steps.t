What a pause means for every other verb; it is durable and says who and why
source: docker pause; systemctl freeze

  $ boot
  $ up w@1; up w@2
  $ novasup pause w --reason 'too expensive'
  w@1 paused
  w@2 paused
  $ novasup status w | grep -iE 'paused|expensive' | masked
  Paused        too expensive
  w@1  paused: by operator, too expensive
  w@2  paused: by operator, too expensive
  $ novasup ps --check -q; novasup health -q
  novasup: not running: w@1 (paused), w@2 (paused)
  $ novasup start w
  novasup: cannot start w@1: it is paused (novasup resume w)
  novasup: cannot start w@2: it is paused (novasup resume w)
  [8]
  $ novasup resume w@2
  w@2 running
  $ novasup ps w --no-headers | awk '{ print $1, $2 }'
  w@1 paused
  w@2 running
  $ novasup pause w
  w@1 paused (unchanged)
  w@2 paused
  $ novasup scale w=3
  w 2 3
  $ novasup ps w --no-headers | awk '{ print $1, $2 }'
  w@1 paused
  w@2 paused
  w@3 paused
  $ novasup kill w@1; novasup ps w --no-headers | awk '{ print $1, $2 }'
  w@1 paused
  w@1 paused
  w@2 paused
  w@3 paused
  $ novasup stop w; novasup resume w; novasup ps w --no-headers | awk '{ print $1, $2 }'
  w@1 stopped
  w@2 stopped
  w@3 stopped
  w@1 stopped
  w@2 stopped
  w@3 stopped
  w@1 stopped
  w@2 stopped
  w@3 stopped
  $ novasup start w
  w@1 running
  w@2 running
  w@3 running
  $ novasup pause w; novasup restart w --timeout 3s
  w@1 paused
  w@2 paused
  w@3 paused
  novasup: cannot restart w@1: it is paused (novasup resume w)
  novasup: cannot restart w@2: it is paused (novasup resume w)
  novasup: cannot restart w@3: it is paused (novasup resume w)
  [8]
  $ novasup resume w
  w@1 running
  w@2 running
  w@3 running
