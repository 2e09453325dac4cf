A flood of reloads disturbs nobody and the supervisor answers meanwhile
source: systemd TEST-59-RELOADING-RESTART.sh

  $ boot
  $ up w
  $ old=$(pid w)
  $ for n in {1..200}; do kill -HUP $supervisor; done
  $ for n in {1..5}; do novasup reload -q & done; wait $(jobs -p | tail -5)
  $ novasup ps --check -q
  $ [[ $(pid w) == $old ]]; kill -0 $supervisor
