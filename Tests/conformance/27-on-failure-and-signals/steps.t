on-failure: a death by HUP, INT, TERM or PIPE from outside is clean; by QUIT, KILL, SEGV, ABRT, USR1 it is a failure
source: dinit test_proc_term_restart6; systemd.service(5)

  $ boot
  $ for n in 1 2 3 4 5 6 7 8 9; do up w@$n; done
  $ n=0; for s in HUP INT TERM PIPE QUIT KILL SEGV ABRT USR1; do n=$((n + 1)); kill -$s $(pid w@$n); done
  $ for n in 1 2 3 4; do is w@$n completed; done
  $ for n in 5 6 7 8 9; do is w@$n backoff; done
  $ novasup ps --no-headers w | awk '{ print $1, $2, $5 }'
  w@1 completed 0/5
  w@2 completed 0/5
  w@3 completed 0/5
  w@4 completed 0/5
  w@5 backoff 1/5
  w@6 backoff 1/5
  w@7 backoff 1/5
  w@8 backoff 1/5
  w@9 backoff 1/5
