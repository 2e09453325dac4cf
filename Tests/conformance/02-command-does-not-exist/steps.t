A command that does not exist fails at once with the stage and the errno's text, and makes no restart storm
source: dinit svc-start-fail expected-1, test_proc_start_execfail; pebble TestStartBadCommand

  $ boot
  $ novasup start typo
  novasup: cannot start typo@1: exec /nonexistent/program: No such file or directory (see `novasup status typo@1`)
  [1]
  $ field typo reason
  exec_failed
  $ state typo
  backoff
  $ events --type instance.starting --worker typo | wc -l
  1
