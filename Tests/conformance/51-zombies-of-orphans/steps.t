Orphans of a worker are reaped
source: pebble TestReapZombies

  $ boot
  $ at_least ended 5
  $ shim=$(pgrep -f "nova-shim.*$RUNTIME")
  $ no_zombies() { ! ps --ppid $shim -o stat= | grep Z; }
  $ until_true no_zombies
