# shellcheck shell=bash source=lib.sh
# Whatever happens to the brain, no worker is touched. Each time the whole fleet is compared by pid.
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
echo "$workers" | sed 's/^/# /'

old=$(brain)
kill -9 "$old"
ok "kill -9: another brain" within 30 another_brain
fleet_is_whole "kill -9"

# An exit while no brain is there is not lost.
old=$(brain)
victim=$(pid_of steady 2)
systemctl kill -s STOP --kill-whom=main nova-supervisor
kill -9 "$victim"
ok "watchdog: the stopped brain is shot and another comes" within 60 another_brain
ok "watchdog: it was the watchdog" contains "$(journalctl -q -u nova-supervisor -o cat)" "atchdog"
back() { up steady 2 && differs "$(pid_of steady 2)" "$victim"; }
ok "watchdog: the worker that died meanwhile is back" within 30 back
ok "watchdog: its exit was seen" is steady 2 last_exit.signal 9
ok "watchdog: every other worker kept its pid" same "$(fleet | grep -v steady@2)" "$(echo "$workers" | grep -v steady@2)"
workers=$(fleet)
counted=$(restarts)

old=$(brain)
ok "systemctl restart" systemctl restart nova-supervisor
ok "restart: another brain" within 30 another_brain
fleet_is_whole "restart"

ok "systemctl daemon-reexec" systemctl daemon-reexec
fleet_is_whole "daemon-reexec"

old=$(brain)
ok "the package is installed again" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -q --reinstall /payload/nova-supervisor.deb
ok "upgrade: another brain" within 30 another_brain
fleet_is_whole "upgrade"

# A configuration that broke while the brain was away does not end the fleet.
old=$(brain)
echo 'nonsense: [' >> /etc/nova/workers.d/fleet.yaml
kill -9 "$old"
ok "broken configuration: another brain" within 30 another_brain
fleet_is_whole "broken configuration"
ok "broken configuration: it says so" within 10 eval 'journalctl -q -u nova-supervisor -o cat | grep -i "fleet.yaml"'
sed -i '$d' /etc/nova/workers.d/fleet.yaml
ok "broken configuration: repaired and reloaded" systemctl reload nova-supervisor
fleet_is_whole "repaired configuration"
finish
