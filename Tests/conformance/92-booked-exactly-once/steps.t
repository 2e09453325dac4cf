The final counters of a life are booked exactly once, though the supervisor dies between its exit and the booking
source: row 92

  $ boot
  $ up w; old=$(pid w)
  $ crash
  $ touch go; until_true gone $old
  $ boot; is w completed
  $ crash; boot; in_state w completed
  $ python3 -c '
  > import sqlite3, sys
  > c = sqlite3.connect(f"file:{sys.argv[1]}/nova.db?mode=ro", uri=True)
  > print("lives", c.execute("select count(*), count(ended_usec) from incarnation").fetchall())
  > print("differ", c.execute("select count(*) from incarnation i where cost_micro <> (select sum(cost_micro) from usage_booking b where b.incarnation = i.serial)").fetchall())
  > print("ends booked", c.execute("select count(*) from event where type = ?", ["instance.exited"]).fetchall())' $STATE
  lives [(1, 1)]
  differ [(0,)]
  ends booked [(1,)]
  $ [[ $(field w cost_usd) != null ]]
