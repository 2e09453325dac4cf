A payment that is told twice with the same id counts once, also over a death of the supervisor; another amount is refused
source: row 94

  $ boot; up w
  $ novasup revenue add --worker w --amount 12.50 --id INV-1 | masked
  INV-1 is booked
  $ novasup revenue add --worker w --amount 12.50 --id INV-1 | masked
  INV-1 was booked before
  $ crash; boot
  $ novasup revenue add --worker w --amount 12.50 --id INV-1 | masked
  INV-1 was booked before
  $ novasup revenue add --worker w --amount 13.00 --id INV-1
  novasup: cannot book INV-1: sale INV-1 of manual is booked already, with 12.500000 USD
  [8]
  $ python3 -c '
  > import sqlite3, sys
  > c = sqlite3.connect(f"file:{sys.argv[1]}/nova.db?mode=ro", uri=True)
  > print(c.execute("select count(*), sum(amount_micro) from entry where external_id = ?", ["INV-1"]).fetchall())' $STATE
  [(1, 12500000)]
