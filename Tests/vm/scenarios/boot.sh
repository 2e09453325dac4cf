# shellcheck shell=bash source=lib.sh
# The machine itself: real systemd, pure cgroup v2 with the controllers the workers need.
# Needs no package; it tells a broken harness from a broken product.
. /payload/scenarios/lib.sh
ok "PID 1 is systemd" same "$(cat /proc/1/comm)" systemd
ok "the cgroup tree is pure v2" same "$(stat -fc %T /sys/fs/cgroup)" cgroup2fs
for controller in cpu memory pids io; do
  ok "controller $controller is there" contains " $(cat /sys/fs/cgroup/cgroup.controllers) " " $controller "
done
ok "the system is up" within 30 systemctl is-active multi-user.target
ok "pressure readings exist" test -r /proc/pressure/memory
ok "python speaks datagrams" python3 -c 'import socket, json; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)'
ok "the journal takes entries" journalctl -q -n 1
finish
