scale 2, 10, 1: the count is what was asked, the highest numbers go first, those who stay keep their pid
source: process-compose TestSystem_TestComposeScale

  $ boot
  $ up w@1; up w@2
  $ first=$(pid w@1)
  $ novasup scale w=10
  w 2 10
  $ novasup ps w -o name | wc -l
  10
  $ novasup scale w=10
  w 10 10
  $ novasup scale w 1
  w 10 1
  $ novasup ps w -o name
  w@1
  $ [[ $(pid w@1) == $first ]]
  $ novasup scale w=11
  novasup: cannot scale w: w may have 0 to 10 instances, not 11 (min_instances and max_instances)
  [8]
  $ novasup scale w=-1
  novasup: w=-1 is not NAME=N with N from 0 to 99999 (see `novasup help scale`)
  [2]
  $ novasup scale w=1.5
  novasup: w=1.5 is not NAME=N with N from 0 to 99999 (see `novasup help scale`)
  [2]
  $ novasup scale w@1=2
  novasup: cannot scale w@1: scale takes whole workers by name, not 'w@1'
  [2]
  $ novasup scale nobody=2
  novasup: cannot scale nobody: no worker 'nobody' (see `novasup ps`)
  [4]
  $ novasup scale w=2 nobody=2
  novasup: cannot scale nobody w: no worker 'nobody' (see `novasup ps`)
  [4]
  $ novasup scale w=2 w=3
  novasup: w is given twice (see `novasup help scale`)
  [2]
  $ novasup ps w -o name
  w@1
  $ novasup scale w --multiplier 3
  w 1 3
  $ novasup scale w=2 --current 1
  novasup: cannot scale w: w has 3 live instances, not 1
  [8]
  $ novasup scale w=2 --current 3
  w 3 2
  $ novasup scale w=3 --dry-run; novasup ps w -o name
  would scale w 2 3
  w@1
  w@2
  $ novasup scale w=0
  w 2 0
  $ novasup ps w -o name
  $ novasup start w
  w stopped (unchanged): it has 0 instances (novasup scale w=1)
  $ novasup scale w=2
  w 0 2
  $ sort -n started | uniq -c | tr -s ' '
   2 1
   3 2
   2 3
   1 4
   1 5
   1 6
   1 7
   1 8
   1 9
   1 10
