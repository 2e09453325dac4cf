# shellcheck shell=bash source=lib.sh
# From the package to a running fleet, seen and steered by an operator's usual commands.
. /payload/scenarios/lib.sh

install_package
ok "the package makes the workers' user" getent passwd nova-worker
ok "the package makes the groups" getent group nova nova-admin
ok "nova.env is for root alone" same "$(stat -c '%a %U' /etc/nova/nova.env)" "640 root"
ok "edge.env is for nova-edge alone" same "$(stat -c '%a %U %G' /etc/nova/edge.env)" "640 root nova-edge"
ok "it is enabled for the next boot" systemctl is-enabled nova-supervisor
ok "it waits to be started" same "$(systemctl is-active nova-supervisor)" inactive
configure fleet.yaml
ok "novasup check passes" novasup check
start_supervisor
ok "every worker is up" within 60 novasup ps --check
ok "readiness by tcp" within 60 is web 1 state ready
novasup ps | sed 's/^/# /'

# systemctl status shows the tree of workers
tree=$(systemctl status --no-pager -l nova-workers)
ok "systemctl status shows each worker's group" contains "$tree" "w-steady-2"
ok "systemctl status shows each worker's process" contains "$tree" "$(pid_of steady 1) /bin/sleep"
ok "no worker is under the brain's unit" same "$(systemctl show -p TasksCurrent --value nova-supervisor | awk '{ print ($1 < 8) }')" 1
ok "the brain says how the fleet is" contains "$(systemctl show -p StatusText --value nova-supervisor)" "5 of 5"
ok "a worker runs as nova-worker" same "$(stat -c %U "/proc/$(pid_of steady 1)")" nova-worker
ok "a worker's oom_score_adj is its own" same "$(cat "/proc/$(pid_of steady 1)/oom_score_adj")" 0
ok "no signal is blocked or ignored in a worker" same \
  "$(grep -E '^Sig(Blk|Ign)' "/proc/$(pid_of steady 1)/status" | awk '{ print $2 }' | sort -u)" 0000000000000000

# journalctl
ok "journalctl -t shows one worker" within 20 eval 'journalctl -q -t nova/talker@1 | grep "talker says hello"'
ok "journalctl -u nova-workers shows it too" within 20 eval 'journalctl -q -u nova-workers | grep "talker says hello"'
ok "the supervisor's own entries are structured" within 20 eval \
  'journalctl -q -u nova-supervisor NOVA_WORKER=steady -o json | grep MESSAGE_ID | grep NOVA_EVENT'
ok "novasup logs shows it" within 20 eval 'novasup logs -n 5 talker | grep "talker says hello"'
ok "restart" novasup restart talker
lives() { same "$(novasup logs "$@" -n 1000 --no-prefix talker | grep -c "talker is up")" "$want"; }
want=2; ok "its log has both lives" within 20 lives
want=1; ok "logs -p has the one before alone" within 20 lives -p

# a one-off command, its output through the journal, followed to its very end
said=$(novasup run once -- /bin/sh -c 'seq 1 300; echo the end; exit 7')
code=$?
ok "novasup run of a command that fails is exit 1" same "$code" 1
ok "and shows all of its output" same "$(echo "$said" | grep -cE '^[0-9]+$')" 300
ok "to the last line" contains "$said" "the end"
ok "it is in the journal" within 20 eval 'journalctl -q -t nova/once@1 -o cat | grep -qx "the end"'

# scale
ok "scale up" novasup scale steady=4
ok "four are running" within 20 up steady 4
ok "scale down" novasup scale steady=2
ok "the highest numbers went" within 20 is steady 4 state absent
ok "their groups are gone" within 20 eval '! worker_groups | grep w-steady-4'
ok "a wrong --current is refused" status_is 8 novasup scale steady=3 --current 7
ok "more than max_instances is refused" eval '! novasup scale steady=99'

# kill
before=$(pid_of steady 1)
ok "kill" novasup kill steady@1
back() { differs "$(pid_of steady 1)" "$before" && up steady 1; }
ok "it is back with another pid" within 20 back
ok "an operator's kill is no crash" is steady 1 crashes 0
before=$(pid_of steady 2)
kill -9 "$before"
again() { differs "$(pid_of steady 2)" "$before" && up steady 2; }
ok "killed from outside it is back too" within 20 again
ok "and that is a crash" is steady 2 crashes 1

# pause and resume
ok "pause" novasup pause talker
ok "it is paused" within 10 is talker 1 state paused
group=$(find /sys/fs/cgroup/nova.slice -type d -name 'w-talker-1*')
ok "its group is frozen" same "$(grep frozen "$group/cgroup.events")" "frozen 1"
ok "resume" novasup resume talker
ok "it runs again" within 10 up talker 1

# stop and start
ok "stop" novasup stop stubborn
ok "stopped means gone" eval '! worker_groups | grep w-stubborn'
ok "start" novasup start stubborn
ok "starting what runs is fine" novasup start stubborn
ok "an unknown worker is exit 4" status_is 4 novasup status nobody-knows

# who may
ok "nobody may not act" status_is 7 runuser -u nobody -- novasup stop steady
useradd --no-create-home --groups nova looker
ok "a member of nova may look" runuser -u looker -- novasup ps
ok "a member of nova may not act" status_is 7 runuser -u looker -- novasup stop steady
useradd --no-create-home --groups nova-admin actor
ok "a member of nova-admin may act" runuser -u actor -- novasup restart steady@1

# reload
ok "an unchanged configuration reloads" systemctl reload nova-supervisor
before=$(fleet)
echo '    colour: red' >> /etc/nova/workers.d/fleet.yaml
ok "a bad file is refused" eval '! systemctl reload nova-supervisor'
ok "with its place" eval 'novasup check 2>&1 | grep -E "fleet.yaml:[0-9]+:[0-9]+:"'
ok "and the running set is untouched" same "$(fleet)" "$before"
sed -i '$d' /etc/nova/workers.d/fleet.yaml
printf '  extra:\n    command: ["/bin/sleep", "1000000"]\n' >> /etc/nova/workers.d/fleet.yaml
ok "a good file is applied" systemctl reload nova-supervisor
ok "the new worker is up" within 20 up extra 1
ok "the others were left alone" contains "$(fleet)" "$before"

ok "systemd-analyze security is 3.0 at most" systemd-analyze security --no-pager --threshold=30 nova-supervisor.service
systemd-analyze security --no-pager nova-supervisor.service | tail -1 | sed 's/^/# /'
ok "novasup check --host finds no problem here" novasup check --host
finish
