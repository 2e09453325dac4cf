# shellcheck shell=bash source=lib.sh
# Stopping leaves nothing running, removing leaves the data, purging leaves nothing at all.
. /payload/scenarios/lib.sh

install_package
configure fleet.yaml
start_supervisor
ok "every worker is up" within 60 novasup ps --check
workers=$(fleet)
none_lives() { echo "$workers" | while read -r _ pid; do gone "$pid" || { echo "$pid lives"; exit 1; }; done; }

ok "systemctl stop" systemctl stop nova-supervisor
ok "the shim's unit stops with it" within 30 same_state nova-workers inactive
ok "no worker is left" none_lives
ok "no group is left in nova.slice" within 10 eval '[ -z "$(find /sys/fs/cgroup/nova.slice -mindepth 1 -type d 2> /dev/null)" ]'
ok "neither unit failed" eval '! systemctl is-failed nova-supervisor nova-workers'
ok "novasup says that nobody is there" status_is 69 novasup ps

ok "it starts again" systemctl start nova-supervisor
ok "every worker is up again" within 60 novasup ps --check
workers=$(fleet)
ok "apt remove" env DEBIAN_FRONTEND=noninteractive apt-get remove -y -q nova-supervisor
ok "no worker is left" none_lives
ok "the state is kept" test -s /var/lib/nova/nova.db
ok "the configuration is kept" test -s /etc/nova/workers.d/fleet.yaml

install_package
ok "installed again it starts" systemctl start nova-supervisor
ok "with the same fleet" within 60 novasup ps --check
workers=$(fleet)
ok "apt purge" env DEBIAN_FRONTEND=noninteractive apt-get purge -y -q nova-supervisor
ok "no worker is left" none_lives
ok "no configuration is left" test ! -e /etc/nova
ok "no state is left" test ! -e /var/lib/nova
ok "no program is left" eval '! command -v novasup nova-supervisor && [ ! -e /usr/lib/nova ]'
ok "no unit is left" eval '! systemctl cat nova-supervisor.service nova-workers.service nova.slice'
finish
