What a pause means for every other verb; it is durable and says who and why
source: docker pause; systemctl freeze

  $ boot
  $ up w@1; up w@2
  $ novasup pause w --reason 'too expensive'
  w@1 paused
  w@2 paused
  $ grep -c State:.*S /proc/$(pid w@1)/status
  1
  $ novasup status w | grep -iE 'paus|expensive' | masked
  Paused        too expensive
  w@1  paused: by operator
  w@2  paused: by operator
  $ novasup ps --check; novasup health -q
  NAME  STATE     PID  UPTIME  CRASHES  CPU%    MEM  TASKS     COST/H  ROI  WHY
  w@1   paused  17441      7s      0/5   0.0  ~1.6M      1  $0.000007    -  by operator
  w@2   paused  17442      7s      0/5   0.0  ~1.7M      1  $0.000007    -  by operator
  novasup: not running: w@1 (paused), w@2 (paused)
  $ novasup start w
  novasup: cannot start w@1: it is paused (novasup resume w) (see `novasup status w@1`)
  novasup: cannot start w@2: it is paused (novasup resume w) (see `novasup status w@2`)
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
  w@1 stopped (unchanged)
  w@2 stopped (unchanged)
  w@3 stopped (unchanged)
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
  novasup: cannot restart w@1: it is paused (novasup resume w) (see `novasup status w@1`)
  novasup: cannot restart w@2: it is paused (novasup resume w) (see `novasup status w@2`)
  novasup: cannot restart w@3: it is paused (novasup resume w) (see `novasup status w@3`)
  [8]
  $ novasup resume w
  w@1 starting
  w@2 starting
  w@3 starting
