success_exit_codes decide what is no failure, and nothing else does
source: process-compose TestSystem_TestSuccessExitCodes

  $ boot
  $ is fine completed
  $ is not backoff
  $ is zero backoff completed
  $ novasup ps --no-headers | awk '{ print $1, $2, $5 }'
  fine@1 completed 0/5
  not@1 backoff 1/5
  zero@1 backoff 1/5
