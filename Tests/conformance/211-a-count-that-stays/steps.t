A count scaled by hand stays over a crash, a stop and a reload, until instances in the file changes
source: Supervisor #177, #1411; interface.md

  $ boot
  $ up w
  $ novasup scale w=3
  w 1 3
  $ novasup scale w=0; novasup scale w=5
  novasup: cannot scale w: w may have 1 to 4 instances, not 0 (min_instances and max_instances)
  novasup: cannot scale w: w may have 1 to 4 instances, not 5 (min_instances and max_instances)
  [8]
  $ crash; boot; for n in 1 2 3; do up w@$n; done
  $ novasup reload; novasup ps w -o name | wc -l
  nothing changed
  3
  $ novasup stop w; novasup scale w=2; novasup ps w --no-headers | awk '{ print $1, $2 }'
  w@1 stopped
  w@2 stopped
  w@3 stopped
  w 3 2
  w@1 stopped
  w@2 stopped
  $ novasup start w
  w@1 running
  w@2 running
  $ workers <<'END'
  > workers:
  >   w: { command: ["sleep", "100000"], instances: 4, min_instances: 1, max_instances: 4 }
  > END
  $ novasup reload; up w@4; novasup ps w -o name | wc -l
  w rescaled (instances): 2 to 4
  4
  $ workers <<'END'
  > workers:
  >   w: { command: ["sleep", "100000"], instances: 1, max_instances: 2 }
  > END
  $ novasup reload; down_to() { [[ $(novasup ps w -o name | wc -l) == $1 ]]; }; until_true down_to 1
  w updated (min_instances, max_instances)
  w rescaled (instances): 4 to 1
