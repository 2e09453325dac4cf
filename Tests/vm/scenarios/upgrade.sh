# shellcheck shell=bash source=lib.sh
# Two upgrades of the package, both of the brain and of the shim: each time the new brain talks to the old shim first and
# then orders it to become its new program. The fleet is in every state that there is.
. /payload/scenarios/lib.sh

install_package
configure upgrade.yaml
start_supervisor
ok "counter is ready" within 120 is counter 1 state ready
ok "steady is up" within 60 up steady 2
ok "crasher cools down" within 60 is crasher 1 state cooldown
ok "pause" novasup pause sleeper
ok "scale" novasup scale steady=3
ok "the third is up" within 60 up steady 3

brain() { systemctl show -p MainPID --value nova-supervisor; }
shim() { systemctl show -p MainPID --value nova-workers; }
runs_installed() { same "$(readlink "/proc/$(shim)/exe")" /usr/lib/nova/nova-shim; }
renewed() { same "$(novasup events --type shim.renewed -n 100 -o name | wc -l)" "$1"; }
another() { differs "$(brain)" "$old"; }
taken_back() { another && runs_installed && renewed 3; }
# `ok` has names of its own: what is evaluated inside it is a function.
spoke() { [ "$(counted)" -gt "$before" ] || { echo "$(counted) is not more than $before"; return 1; }; }
steadfast() { fleet | grep -vE '^(slow|mortal)@'; }
groups_of() { for pid in $(steadfast | cut -d' ' -f2); do cut -d: -f3 "/proc/$pid/cgroup"; done; }
counted() { field counter 1 status_text; }
# The same programs with a byte behind their end: other files, as a newer release brings them.
repackage() {
  rm -rf /root/next && dpkg-deb -R /payload/nova-supervisor.deb /root/next
  for program in usr/sbin/nova-supervisor usr/lib/nova/nova-shim usr/bin/novasup; do printf '\0%s' "$1" >> "/root/next/$program"; done
  sed -i "s/^Version: .*/Version: 9.$1/" /root/next/DEBIAN/control
  sed -i '/usr\/sbin\|usr\/lib\/nova\|usr\/bin/d' /root/next/DEBIAN/md5sums
  dpkg-deb --root-owner-group -Znone --build /root/next "/root/next-$1.deb" > /dev/null
}
pids=$(steadfast) parent=$(shim) groups=$(groups_of)
remaining=$(field crasher 1 cooldown_remaining_seconds | cut -d. -f1)

for number in 1 2; do
  repackage "$number"
  old=$(brain) before=$(counted)
  if [ "$number" = 2 ]; then
    # Operations under way when the brain goes.
    ok "a stop is asked for" novasup stop --no-wait slow
    touch /run/end-mortal
  fi
  ok "upgrade $number" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q "/root/next-$number.deb"
  ok "upgrade $number: another brain" within 60 another
  ok "upgrade $number: it answers" within 60 novasup version
  ok "upgrade $number: the shim runs the installed program" within 60 runs_installed
  ok "upgrade $number: it says so" within 60 renewed "$number"
  ok "upgrade $number: with the same pid" same "$(shim)" "$parent"
  ok "upgrade $number: every worker kept its pid" same "$(steadfast)" "$pids"
  ok "upgrade $number: and its cgroup" same "$(groups_of)" "$groups"
  ok "upgrade $number: what it says still arrives" within 60 spoke
  ok "upgrade $number: cooldown and counter go on" eval 'is crasher 1 state cooldown && is crasher 1 crashes 3'
  ok "upgrade $number: the deadline did not start anew" \
    at_most "$(field crasher 1 cooldown_remaining_seconds | cut -d. -f1)" "$remaining"
  ok "upgrade $number: paused stays paused" is sleeper 1 state paused
  ok "upgrade $number: nothing was lost" eval '! novasup events --type instance.lost -o name | grep .'
done
ok "the stop that was under way is finished" within 60 is slow 1 state stopped
ok "an exit around the upgrade is known exactly" within 60 is mortal 1 last_exit.code 43
ok "and counted once" is mortal 1 crashes 1
new=$(pid_of steady 1)
ok "the new pair starts workers" novasup restart steady@1
ok "another process" differs "$(pid_of steady 1)" "$new"
ok "the units are fine" systemctl is-active nova-supervisor nova-workers
numbers() { journalctl -q -t nova/counter@1 -o cat | sed -n 's/^count //p'; }
# Read once: it goes on counting.
ok "no line of the counter's output is missing" eval 'all=$(numbers); same "$all" "$(seq 1 "$(wc -l <<< "$all")")"'

# A release that is taken back: the older program follows the newer one.
old=$(brain)
ok "downgrade" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --allow-downgrades /payload/nova-supervisor.deb
ok "downgrade: the shim runs the installed program" within 60 taken_back
ok "downgrade: the counter was not touched" same "$(steadfast | grep counter)" "$(echo "$pids" | grep counter)"
finish
