# shellcheck shell=bash source=lib.sh
# What people asked for outlives a reboot: stopped stays stopped, scaled stays scaled, paused stays paused.
. /payload/scenarios/lib.sh

if [ "$NOVA_PHASE" = 1 ]; then
  install_package
  configure fleet.yaml
  start_supervisor
  ok "every worker is up" within 60 novasup ps --check
  ok "scale" novasup scale steady=3
  ok "stop" novasup stop stubborn
  ok "pause" novasup pause talker --reason "the night"
  ok "three are running" within 20 up steady 3
  touch /run/nova-test-reboot
  finish
fi

ok "it started by itself" within 60 systemctl is-active nova-supervisor
ok "scaled stays scaled" within 60 up steady 3
ok "stopped stays stopped" is stubborn 1 state stopped
ok "paused stays paused" within 20 is talker 1 state paused
ok "the rest is up" within 60 is web 1 state ready
ok "nothing of the last boot counts as a crash" is steady 1 crashes 0
novasup ps | sed 's/^/# /'
finish
