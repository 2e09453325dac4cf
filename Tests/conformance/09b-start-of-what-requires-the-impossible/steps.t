A start of what requires a worker that cannot be up fails with that worker's name and does not hang
source: process-compose TestSystem_TestReadyLineWithSkipped; Supervisor #1450

  $ boot
  $ novasup start one --timeout 30s
  novasup: cannot start one@1: it requires broken, which has failed (see `novasup status broken`)
  also started: broken
  [1]
  $ novasup start two --timeout 30s
  novasup: cannot start two@1: it requires cooling, which cools down (see `novasup status cooling`)
  also started: cooling
  [1]
  $ novasup ps --no-headers | masked
  broken@1   failed    -  -  1/5  -  -  -  -  -  exit 1
  cooling@1  cooldown  -  -  1/1  -  -  -  -  -  exit 1, cooldown AGE left
  one@1      starting  -  -  0/5  -  -  -  -  -  waits for broken
  two@1      starting  -  -  0/5  -  -  -  -  -  waits for cooling
