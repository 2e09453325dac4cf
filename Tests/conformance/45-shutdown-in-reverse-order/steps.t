SIGTERM to the supervisor stops the workers in the reverse of their start order and waits for each
source: process-compose TestSystem_TestProcListShutsDownInOrder; pebble TestReplanServices, TestGracefulStop
rows: 45 77

  $ boot
  $ for w in a b c; do is $w ready; done
  $ down
  $ cat order
  c
  b
  a
  $ tail -1 ../supervisor.log
  <6>a@1 stopped
