A worker is stopped for its return only after enough runs, and not for one bad one
source: row 98

  $ boot; up few; up many
  $ novasup autonomous enable > /dev/null
  $ is many stopped
  $ in_state few running
  $ novasup decisions --worker few -o json
  []
  $ novasup decisions --worker many -o json | python3 -c '
  > import json, sys
  > d = json.load(sys.stdin)[0]
  > print(d["action"], d["state"], d["rule"], "not before 20 runs" if int(d["reason"].split(" over ")[1].split()[0]) >= 20 else d["reason"])'
  kill executed negative_roi not before 20 runs
