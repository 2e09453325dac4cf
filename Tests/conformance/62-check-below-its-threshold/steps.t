Below its threshold a check counts its failures and nothing else happens
source: pebble checkstate TestFailuresBelowThreshold

  $ boot
  $ up w
  $ old=$(pid w)
  $ look() { novasup health -o json | python3 -c 'import json, sys; c = json.load(sys.stdin)["instances"][0]["checks"]; print(c and c[0]["'$1'"])'; }
  $ looks() { local now; now=$(look $1); [[ $now != None && $now != '[]' ]] && (($now $2)); }
  $ passes() { [[ $(look passing) == True ]]; }
  $ until_true passes
  $ novasup health -q
  $ touch bad
  $ until_true looks failures '> 2'
  $ look passing; [[ $(pid w) == $old ]]; field w restarts_total
  True
  0
  $ novasup health -q
  $ rm bad
  $ until_true looks failures '== 0'
