What nobody has said is unknown and not a loss: it has no return, and the engine does not stop it for that
source: row 97

  $ boot; up silent
  $ novasup autonomous enable > /dev/null
  $ for round in 1 2 3; do novasup autonomous run -o json | python3 -c 'import json, sys; print(json.load(sys.stdin)["decisions"])'; done
  []
  []
  []
  $ field silent revenue_usd; field silent roi_percent; field silent roi_status
  null
  null
  no_data
  $ novasup decisions --would -o json | python3 -c '
  > import json, sys
  > for d in json.load(sys.stdin): print(d["worker"], d["action"], d["roi_percent"], [m["meaning"] for m in d["distances"] if m["action"] == "kill"])'
  silent none None ['what a run costs is not known']
  $ in_state silent running
