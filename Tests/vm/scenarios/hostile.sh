# shellcheck shell=bash source=lib.sh
# A fork bomb under `pids` and a memory bomb under `memory`: the kernel holds both, the supervisor, its shim and the
# others live, and a crashed neighbour comes back meanwhile.
. /payload/scenarios/lib.sh

install_package
configure hostile.yaml
start_supervisor
ok "the neighbour is up" within 60 up near 1
supervisor=$(systemctl show -P MainPID nova-supervisor)
shim=$(systemctl show -P MainPID nova-workers)

# revive WHAT: the neighbour is killed and must come back; the time it took is a figure.
revive() {
  local old began
  old=$(pid_of near 1) began=$(date +%s%N)
  kill -9 "$old"
  ok "the neighbour comes back during $1" within 20 eval '[ "$(pid_of near 1)" != "'"$old"'" ] && up near 1'
  echo "# back after $((($(date +%s%N) - began) / 1000000)) ms, the command's own time included"
}
in_group() { wc -l < "$(find /sys/fs/cgroup/nova.slice -type d -name "w-$1-1*" | head -1)/cgroup.procs"; }
group_is_gone() { [ -z "$(find /sys/fs/cgroup/nova.slice -type d -name "w-$1-1*" -exec cat {}/cgroup.procs \; 2> /dev/null)" ]; }

revive "nothing at all"
novasup start --no-wait forkbomb > /dev/null
ok "the fork bomb fills its limit" within 60 eval '[ "$(in_group forkbomb)" -ge 60 ]'
ok "and no more than it" at_most "$(in_group forkbomb)" 64
revive "the fork bomb"
ok "a command is answered during the fork bomb" novasup ps
ok "the fork bomb is stopped" novasup stop forkbomb
ok "nothing of it is left" within 20 group_is_gone forkbomb

novasup start --no-wait memorybomb > /dev/null
ok "the memory bomb ends out of memory" within 90 is memorybomb 1 last_exit.oom true
ok "it has failed" within 20 is memorybomb 1 state failed
ok "with its reason" is memorybomb 1 reason oom
revive "the memory bomb's end"

# A child's death by the kernel is in the history of its worker, whether or not the main process goes on.
novasup start --no-wait family > /dev/null
child_was_ended() {
  local group
  group=$(find /sys/fs/cgroup/nova.slice -type d -name 'w-family-1*' | head -1)
  awk '/^oom_kill/ { exit $2 == 0 }' "$group/memory.events" || group_is_gone family
}
ok "the kernel ends the child that takes too much" within 90 child_was_ended
revive "a family's quarrel"
ok "the family is stopped" novasup stop family

ok "the supervisor is the same process" same "$(systemctl show -P MainPID nova-supervisor)" "$supervisor"
ok "the shim is the same process" same "$(systemctl show -P MainPID nova-workers)" "$shim"
ok "the units are fine" systemctl is-active nova-supervisor nova-workers
ok "the books are whole" contains "$(novasup status -o json)" '"ledger":"ok"'
finish
