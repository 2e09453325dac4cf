A line of output makes it ready, and what requires it starts only then
source: process-compose TestSystem_TestReadyLine; pitchfork basic.bats

  $ boot
  $ is server starting
  $ happened instance.waiting --worker client
  $ novasup ps client --no-headers
  client@1  starting  -  -  0/5  -  -  -  -  -  waits for server
  $ starts client
  0
  $ touch go
  $ is server ready
  $ up client
  $ events --type instance | grep -E ' (server|client) ' | masked
  instance.starting server server@1 is starting
  instance.waiting client client@1 waits for server
  instance.started server server@1 started, pid PID, not ready yet
  instance.ready server server@1 is ready
  instance.starting client client@1 is starting
  instance.started client client@1 started, pid PID
