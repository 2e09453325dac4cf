# shellcheck shell=bash source=lib.sh
# A bare machine with systemd as PID 1: `novasup setup` prepares it by hand, then `deploy/local` does it all.
. /payload/scenarios/lib.sh

dpkg-deb -x /payload/nova-supervisor.deb /root/package
mkdir -p /root/bin
cp /root/package/usr/bin/novasup /root/package/usr/sbin/nova-supervisor /root/package/usr/lib/nova/* /root/bin/
PATH=/root/bin:$PATH
units=/payload/tree/units

# setup: nothing with --dry-run, everything once, nothing again
plan=$(novasup setup --dry-run --units "$units")
for what in "group nova" "group nova-admin" "user nova-worker" /etc/nova/ /var/lib/nova/ /etc/systemd/system/nova-supervisor.service; do
  ok "--dry-run names $what" contains "$plan" "would make  $what"
done
ok "--dry-run makes nothing" eval '! getent passwd nova-worker && ! getent group nova && [ ! -e /etc/nova ] && [ ! -e /etc/systemd/system/nova.slice ]'
ok "setup" novasup setup --units "$units"
ok "the workers' user" getent passwd nova-worker
ok "it cannot log in" contains "$(getent passwd nova-worker)" /usr/sbin/nologin
ok "the groups of the roles" getent group nova nova-admin
ok "the directories" same "$(stat -c %a /etc/nova /etc/nova/workers.d /var/lib/nova /run/nova | tr '\n' ' ')" "755 755 750 755 "
ok "systemd knows the units" systemctl cat nova-supervisor.service nova-workers.service nova.slice
nothing_made() { ! novasup setup --units "$units" | grep -E "^made"; }
ok "a second run finds nothing to do" nothing_made
ok "a file that somebody wrote is kept" eval 'echo "# mine" > /etc/nova/supervisor.yaml; novasup setup > /dev/null; grep -qx "# mine" /etc/nova/supervisor.yaml'
install -D -m 0755 /root/bin/nova-supervisor /usr/sbin/nova-supervisor
install -D -m 0755 /root/bin/nova-shim /usr/lib/nova/nova-shim
printf 'workers:\n  one:\n    command: ["/bin/sleep", "1000000"]\n' > /etc/nova/workers.d/one.yaml
install -D -m 0755 /root/bin/novasup /usr/bin/novasup
ok "a machine that setup prepared starts" systemctl start nova-supervisor
ok "its worker is up" within 60 up one 1
ok "as nova-worker" same "$(stat -c %U "/proc/$(pid_of one 1)")" nova-worker
ok "it stops" systemctl stop nova-supervisor
# Back to a bare machine.
rm -rf /etc/nova /var/lib/nova /usr/sbin/nova-supervisor /usr/lib/nova /usr/bin/novasup /etc/systemd/system/nova* /etc/sysusers.d/nova* /etc/tmpfiles.d/nova*
systemctl daemon-reload
hash -r

# deploy/local
cp -r /payload/tree /root/tree
# No git here to say when the last change was; the same date makes the same package.
export NOVA_BIN_DIR=/root/bin DPKG_DEB_COMPRESSOR_TYPE=none SOURCE_DATE_EPOCH=1700000000
started=$SECONDS
ok "deploy/local" /root/tree/deploy/local
echo "# first run: $((SECONDS - started)) s"
ok "it runs as a service" systemctl is-active nova-supervisor
ok "the demo is there" within 60 up steady 1
ok "something crashes in a loop, visibly" within 90 eval '[ "$(field crasher 1 crashes)" -ge 1 ]'
ok "a job runs" within 90 eval 'novasup events --worker tidy-up -o name | grep .'
ok "a worker reports" within 120 eval 'field reporter 1 status_text | grep -E "[1-9][0-9]* runs"'
before=$(systemctl show -p MainPID nova-supervisor nova-workers) pid=$(pid_of steady 1)
started=$SECONDS
ok "a second run" /root/tree/deploy/local
echo "# second run: $((SECONDS - started)) s"
ok "changes nothing: the same programs run" same "$(systemctl show -p MainPID nova-supervisor nova-workers)" "$before"
ok "changes nothing: the same workers run" same "$(pid_of steady 1)" "$pid"
echo "# mine" >> /etc/nova/workers.d/demo.yaml
ok "a third run, after somebody changed the configuration" /root/tree/deploy/local
ok "keeps what was changed" grep -qx "# mine" /etc/nova/workers.d/demo.yaml
finish
