The programs refuse what makes no sense with exit 2, and what cannot work with exit 1
source: supervisord, dinit, s6 usage errors

  $ nova-supervisor; nova-supervisor frobnicate; nova-supervisor run --frobnicate
  nova-supervisor: say what to do: nova-supervisor run
  nova-supervisor: unknown argument 'frobnicate' (see nova-supervisor --help)
  nova-supervisor: unknown argument '--frobnicate' (see nova-supervisor --help)
  [2]
  $ nova-supervisor run --config
  nova-supervisor: --config needs a value
  [2]
  $ nova-supervisor run --config /nonexistent --state $STATE --runtime $RUNTIME
  nova-supervisor: cannot open directory /nonexistent: No such file or directory (say where it is with --config)
  [1]
  $ nova-supervisor run --config $CONFIG --state /proc/nonexistent --runtime $RUNTIME 2>&1 | masked; echo ${PIPESTATUS[0]}
  nova-supervisor: cannot make directory /proc/nonexistent: No such file or directory (choose others with --state and --runtime, or run as root)
  1
  $ nova-supervisor --version; nova-supervisor --help | head -1; nova-shim --version
  nova-supervisor 0.1.0
  Usage: nova-supervisor run [--config DIR] [--state DIR] [--runtime DIR]
  nova-shim, protocol 1
  $ novasup --version; novasup version | head -1; novasup -h | head -1; novasup help nothing
  novasup 0.1.0
  novasup 0.1.0
  novasup: hands on the Nova supervisor
  novasup: there is no help on nothing (see `novasup help`)
  [2]
  $ novasup stop --help | head -3
  Stop workers and wait until nothing of them lives.
  
  USAGE
  $ novasup help stop | head -3
  Stop workers and wait until nothing of them lives.
  
  USAGE
  $ novasup help exit-codes | head -2
    0                         done
    1                         the operation failed
  $ novasup completion tcsh
  novasup: SHELL must be one of bash, zsh, fish (see `novasup help completion`)
  [2]
  $ for s in bash zsh fish; do novasup completion $s | head -c 1 | wc -c; done
  1
  1
  1
