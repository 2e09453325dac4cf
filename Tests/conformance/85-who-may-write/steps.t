Who may not act is told so with its own code, and it is written down
source: pebble TestWritesRequireAdminAccess, TestAPIAccessLevels
needs: root setpriv

  $ boot
  $ up w
  $ old=$(pid w)
  $ as() { setpriv --reuid 54321 --regid 54321 --clear-groups "$@"; }
  $ as $BIN/novasup stop w
  novasup: cannot stop w: permission denied (be root or a member of group nova-admin)
  [7]
  $ as $BIN/novasup ps
  novasup: cannot list workers: permission denied (be root or a member of group nova or nova-admin)
  [7]
  $ as $BIN/novasup reload
  novasup: cannot reload: permission denied (be root or a member of group nova-admin)
  [7]
  $ as $BIN/novasup version
  novasup 0.1.0
  nova-supervisor permission denied
  $ [[ $(pid w) == $old ]]
  $ events --type api.denied | sort | uniq -c | tr -s ' '
   1 api.denied - uid 54321 (pid PID) was refused GET /v1/version
   1 api.denied - uid 54321 (pid PID) was refused GET /v1/workers
   1 api.denied - uid 54321 (pid PID) was refused POST /v1/actions
   1 api.denied - uid 54321 (pid PID) was refused POST /v1/reload
