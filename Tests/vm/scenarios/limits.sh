# shellcheck shell=bash source=lib.sh
# Limits by the kernel: written where they belong, an out-of-memory end told from a crash, neighbours unharmed.
. /payload/scenarios/lib.sh

install_package
configure limits.yaml
start_supervisor
ok "the bounded worker is up" within 60 up bounded 1
group=$(find /sys/fs/cgroup/nova.slice -type d -name 'w-bounded-1*')
ok "memory.max" same "$(cat "$group/memory.max")" $((64 << 20))
ok "memory.high" same "$(cat "$group/memory.high")" $((48 << 20))
ok "cpu.max" same "$(awk '{ print $1 / $2 }' "$group/cpu.max")" 0.5
ok "pids.max" same "$(cat "$group/pids.max")" 32
ok "open files" contains "$(grep 'open files' "/proc/$(pid_of bounded 1)/limits")" " 512 "
# io.weight exists only where the disk's scheduler has weights.
if [ -e "$group/io.weight" ]; then
  ok "io.weight" contains "$(cat "$group/io.weight")" 50
else
  skip "io.weight" "this kernel offers no io.weight"
fi

neighbour=$(pid_of neighbour 1)
ok "the leaker ends out of memory" within 90 is leaker 1 last_exit.oom true
ok "history says oom" within 20 eval 'novasup events --worker leaker -o json | grep -iE "oom|out of memory"'
ok "at the crash limit it cools down" within 90 is leaker 1 state cooldown
ok "with a visible deadline" eval '[ "$(field leaker 1 cooldown_remaining_seconds | cut -d. -f1)" -gt 0 ]'
ok "status tells how many crashes" contains "$(novasup status leaker)" "3/3"
ok "the reason is oom" eval 'novasup ps -o json leaker | grep -i oom'
ok "the neighbour was not touched" same "$(pid_of neighbour 1)" "$neighbour"
ok "the units are fine" systemctl is-active nova-supervisor nova-workers
# It starts, eats and is ended again: counting from one shows that the counter was cleared.
novasup start leaker > /dev/null 2>&1
ok "start clears the cooldown and the counter" within 20 eval \
  '[ "$(journalctl -q -u nova-supervisor -o cat | grep -c "crash 1/3")" -ge 2 ]'
novasup ps | sed 's/^/# /'

# Accounting: what was used is booked and has a price.
ok "processor time was measured" eval '[ "$(field bounded 1 cpu_usage_usec)" -gt 0 ]'
ok "memory is read from the kernel" eval '[ "$(field neighbour 1 memory_bytes)" -gt 0 ]'
ok "it has a price" differs "$(field neighbour 1 cost_per_hour_usd)" null
finish
