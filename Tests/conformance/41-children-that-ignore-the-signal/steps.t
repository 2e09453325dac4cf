A stop returns only when children that ignore the signal, or left the session, are gone
source: pitchfork group_stop.bats; pm2 treekill.mocha.js

  $ boot
  $ at_least pids 2; at_least escaped 1
  $ novasup stop tree escape
  tree@1 stopped
  escape@1 stopped
  $ for p in $(cat pids escaped); do alive $p && echo "$p lives"; done; true
