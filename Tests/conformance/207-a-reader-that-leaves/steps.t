A closed pipe ends every listing quietly, also one that follows a quiet worker; a full disk is an error
source: interface.md, a closed pipe ends it quietly; Supervisor #246

  $ boot
  $ up w
  $ novasup logs w -n 100000 | tail -1
  w@1 | line 300
  $ novasup logs w -n 300 | head -1; echo ${PIPESTATUS[0]}
  w@1 | line 1
  0
  $ timeout 60 novasup logs -f w -n 3 | head -3; echo ${PIPESTATUS[0]}
  w@1 | line 298
  w@1 | line 299
  w@1 | line 300
  0
  $ timeout 60 novasup events -f | head -1 > /dev/null; echo ${PIPESTATUS[0]}
  0
  $ novasup ps | true; echo ${PIPESTATUS[0]}
  0
  $ novasup ps > /dev/full
  novasup: cannot write the output: No space left on device
  [1]
  $ novasup help > /dev/full
  novasup: cannot write the output: No space left on device
  [1]
