# shellcheck shell=bash source=lib.sh
# A configuration that vanished or cannot be read, and the death of the shim.
. /payload/scenarios/lib.sh

install_package
configure fleet.yaml
# The packaged 30 s would be waited for twice.
mkdir -p /etc/systemd/system/nova-supervisor.service.d
printf '[Service]\nWatchdogSec=%s\n' $((8 * slow)) > /etc/systemd/system/nova-supervisor.service.d/watchdog.conf
systemctl daemon-reload
start_supervisor
ok "every worker is up" within 60 novasup ps --check
ok "readiness by tcp" within 60 is web 1 state ready

brain() { systemctl show -p MainPID --value nova-supervisor; }
shim() { systemctl show -p MainPID --value nova-workers; }
another_brain() { [ "$(brain)" != "$old" ] && [ "$(brain)" != 0 ] && systemctl is-active nova-supervisor && novasup ps; }
restarts() { novasup ps -o json | python3 -c 'import json, sys; print([r["restarts_total"] for r in json.load(sys.stdin)])'; }
fleet_is_whole() {
  ok "$1: every worker kept its pid" same "$(fleet)" "$workers"
  ok "$1: no restart was counted" same "$(restarts)" "$counted"
  ok "$1: the shim is the same" same "$(shim)" "$parent"
  ok "$1: everything is as wanted" within 20 novasup ps --check
}
workers=$(fleet)
counted=$(restarts)
parent=$(shim)

# A configuration that vanished, and one that cannot be read, do not end it either.
old=$(brain)
mv /etc/nova /etc/nova.away
kill -9 "$old"
ok "missing configuration: another brain" within 30 another_brain
fleet_is_whole "missing configuration"
mv /etc/nova.away /etc/nova
old=$(brain)
mv /etc/nova/workers.d/fleet.yaml /root/ && mkdir /etc/nova/workers.d/fleet.yaml
kill -9 "$old"
ok "unreadable configuration: another brain" within 30 another_brain
fleet_is_whole "unreadable configuration"
ok "unreadable configuration: it says so" contains "$(novasup status)" "fleet.yaml"
rmdir /etc/nova/workers.d/fleet.yaml && mv /root/fleet.yaml /etc/nova/workers.d/
ok "repaired again and reloaded" systemctl reload nova-supervisor
fleet_is_whole "repaired again"

# The shim's own death is the one thing that costs the workers; they come back by policy.
kill -9 "$(shim)"
replaced() { [ "$(shim)" != "$parent" ] && [ "$(shim)" != 0 ] && novasup ps --check; }
ok "shim killed: the fleet is back" within 60 replaced
ok "shim killed: it is said" eval 'novasup events --type shim.lost -o name | grep .'
ok "shim killed: each worker's loss is said" eval 'novasup events --type instance.lost | grep steady@1'
ok "shim killed: no crash is counted" is steady 1 crashes 0
ok "shim killed: none of the old processes is left" eval \
  'echo "$workers" | while read -r _ pid; do gone "$pid" || { echo "$pid lives"; exit 1; }; done'
finish
