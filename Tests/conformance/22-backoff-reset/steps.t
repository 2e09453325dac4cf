After a stable life the backoff begins anew
source: pebble TestActionRestart; pm2 exp_backoff_restart_delay.mocha.js; systemd #43813

  $ boot
  $ for n in 1 2; do at_least runs $n; touch go; done
  $ at_least runs 3; has w crashes 0
  $ touch go
  $ at_least runs 4
  $ events --type instance --worker w | grep -o 'restarting in.*'
  restarting in 0.1s
  restarting in 0.5s
  restarting in 0.1s
