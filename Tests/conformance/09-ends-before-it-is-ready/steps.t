A worker that ends before it is ready keeps what requires it down, and a start of that says why at once
source: process-compose TestSystem_TestReadyLineWithSkipped

  $ boot
  $ is server failed
  $ happened instance.waiting --worker client
  $ starts client
  0
  $ novasup ps --check -q
  novasup: not running: client@1 (starting), server@1 (failed)
  [3]
  $ novasup ps client --no-headers
  client@1  starting  -  -  0/5  -  -  -  -  -  waits for server
  $ novasup status client | head -9 | masked
  client  (CONFIG/workers.d/workers.yaml:6)
  Command       sleep 100000
  Runs as       root, service, restart always, ready none
  Instances     1 wanted, 0 to 8
  Limits        none
  Requires      server
  Logs          file
  Budget left   -
  Decision      -
