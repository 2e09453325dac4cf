# shellcheck shell=bash source=lib.sh
# Shared by the scenarios: TAP lines, and waiting for facts with a deadline instead of sleeping.
# Source it; never run it.

# ok DESCRIPTION COMMAND…: one test line; the command's output is shown only when it fails.
ok() {
  local what=$1 said
  shift
  if said=$("$@" 2>&1); then
    echo "ok - $what"
  else
    echo "not ok - $what"
    echo "# command: $*"
    [ -z "$said" ] || echo "$said" | tail -25 | sed 's/^/#   /'
    failures=$((${failures:-0} + 1))
    return 1
  fi
}

# skip DESCRIPTION WHY
skip() { echo "ok - $1 # SKIP $2"; }

# How many times longer everything may take: a machine whose processors are shared says so (NOVA_VM_SLOW).
slow=$(sed -n 's/.*\bnova\.slow=\([0-9]*\).*/\1/p' /proc/cmdline)
slow=${slow:-1}

# within SECONDS COMMAND…: true as soon as the command is; false when the time is up.
within() {
  local limit=$(($1 * slow)) end
  shift
  end=$((SECONDS + limit))
  until "$@" > /dev/null 2>&1; do
    if [ "$SECONDS" -ge "$end" ]; then
      echo "not within $limit s; last output:"
      "$@"
      return 1
    fi
    read -r -t 0.2 <> <(:) || :
  done
}

same() { [ "$1" = "$2" ] || { echo "expected: $2"; echo "found:    $1"; return 1; }; }
differs() { [ "$1" != "$2" ] || { echo "still the same: $1"; return 1; }; }
contains() { [[ $1 == *"$2"* ]] || { echo "no '$2' in:"; echo "$1" | head -40; return 1; }; }
at_most() { [ "$1" -le "$2" ] || { echo "$1 is more than $2"; return 1; }; }
status_is() { local want=$1 got; shift; "$@"; got=$?; same "exit $got" "exit $want"; }

# field NAME INSTANCE KEY: one value of `novasup ps -o json`.
field() {
  novasup ps -o json | python3 -c '
import json, sys
name, number, key = sys.argv[1], int(sys.argv[2]), sys.argv[3]
for row in json.load(sys.stdin):
    if row["name"] == name and row["instance"] == number:
        value = row
        for part in key.split("."):
            value = None if value is None else value[part]
        print("null" if value is None else str(value).lower() if isinstance(value, bool) else value)
        break
else:
    print("absent")' "$1" "$2" "$3"
}
pid_of() { field "$1" "$2" pid; }
is() { same "$(field "$1" "$2" "$3")" "$4"; }
up() { case $(field "$1" "$2" state) in running | ready) : ;; *) novasup ps; return 1 ;; esac; }

# Every worker's "name@instance pid", sorted: what must be unchanged when the brain goes and comes.
fleet() {
  novasup ps -o json | python3 -c '
import json, sys
for row in sorted(json.load(sys.stdin), key=lambda r: (r["name"], r["instance"])):
    if row["pid"]: print(row["name"] + "@" + str(row["instance"]), row["pid"])'
}
same_state() { same "$(systemctl is-active "$1")" "$2"; }
alive() { kill -0 "$1"; }
gone() { ! kill -0 "$1" 2> /dev/null; }
# Workers that exist under the delegated unit, the shim's own leaf left out.
worker_groups() {
  find /sys/fs/cgroup/nova.slice -type d -name 'w-*' 2> /dev/null | sort
}

install_package() {
  ok "the package installs with apt" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends /payload/nova-supervisor.deb
}

# configure FILE…: the scenario's own workers instead of the package's example.
configure() {
  rm -f /etc/nova/workers.d/*.yaml
  local file
  for file; do cp "/payload/workers/$file" /etc/nova/workers.d/; done
}

start_supervisor() {
  ok "systemctl start nova-supervisor" systemctl start nova-supervisor
  ok "nova-supervisor is active" systemctl is-active nova-supervisor
}

finish() {
  if [ "${failures:-0}" -gt 0 ]; then
    echo "# the supervisor's last words:"
    journalctl --no-pager -q -u nova-supervisor -u nova-workers -n 60 -o cat 2>&1 | sed 's/^/#   /'
    exit 1
  fi
  exit 0
}
