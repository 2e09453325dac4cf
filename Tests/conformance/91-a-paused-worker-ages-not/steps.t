A paused worker accrues no health failures and no crash time, over a crash of the supervisor too
source: systemd TEST-38-FREEZER.sh; row 91

  $ boot
  $ up w
  $ novasup pause w --reason "looking at it"
  w@1 paused
  $ old=$(pid w)
  $ touch bad
  $ crash; boot
  $ state w; [[ $(pid w) == $old ]]
  paused
  $ novasup ps w --no-headers | awk '{ print $2, $5 }'
  paused 0/5
  $ events --worker w --type instance | grep -ci health
  0
  [1]
  $ rm bad
  $ novasup resume w
  w@1 running
  $ [[ $(pid w) == $old ]]; field w restarts_total
  0
