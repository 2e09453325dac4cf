# shellcheck shell=bash source=lib.sh
# Who may do what, the modes that docs/explanation/threat-model.md promises, and where secrets are not.
. /payload/scenarios/lib.sh

install_package
useradd --no-create-home --groups nova looker
useradd --no-create-home --groups nova-admin actor
secret=sk_live_9f3acredential password=pw_77d0environmentfile
echo "STRIPE_API_KEY=$secret" >> /etc/nova/nova.env
install -m 0600 /dev/null /etc/nova/keeper.env
echo "PASSWORD=$password" >> /etc/nova/keeper.env
configure secure.yaml
# Cores are written here, and no limit of a unit keeps ours from being written: only the programs themselves do.
mkdir -p /tmp/cores && chmod 1777 /tmp/cores
sysctl -q kernel.core_pattern=/tmp/cores/%e.%p
for unit in nova-supervisor nova-workers; do
  install -d "/etc/systemd/system/$unit.service.d"
  printf '[Service]\nLimitCORE=infinity\n' > "/etc/systemd/system/$unit.service.d/core.conf"
done
systemctl daemon-reload
start_supervisor
ok "a worker reaches its secret, its limits and its socket under the unit's umask" within 120 is keeper 1 state ready
ok "and says so" same "$(field keeper 1 status_text)" "22 bytes, limit 67108864"
keeper=$(pid_of keeper 1)
brain() { systemctl show -p MainPID --value nova-supervisor; }
shim() { systemctl show -p MainPID --value nova-workers; }

# four uids and a worker, against every operation that the API describes
python3 -c 'import http.client, socket
class U(http.client.HTTPConnection):
    def connect(self): self.sock = socket.socket(socket.AF_UNIX); self.sock.connect("/run/nova/supervisor.sock")
c = U("nova"); c.request("GET", "/v1/openapi.json"); open("/tmp/api.json", "wb").write(c.getresponse().read())'
chmod 0644 /tmp/api.json
cp /payload/scenarios/ask.py /tmp/ && chmod 0644 /tmp/ask.py
# allowed USER ROLE…: only operations of these roles are let through, every other one is 403
allowed() {
  local user=$1 said status role rest bad=0 seen=0
  shift
  said=$(runuser -u "$user" -- python3 /tmp/ask.py /tmp/api.json) || { echo "$said"; return 1; }
  while read -r status role rest; do
    seen=$((seen + 1))
    # A report speaks for the worker that sends it: of somebody else nothing is known.
    [ "$role" = worker ] && [ "$user" != nobody ] && continue
    if [[ " $* " == *" $role "* ]]; then [ "$status" != 403 ] || { echo "refused: $rest"; bad=1; }
    else [ "$status" = 403 ] || { echo "let through ($status): $rest"; bad=1; }; fi
  done <<< "$said"
  [ "$bad" = 0 ] && [ "$seen" -gt 12 ]
}
ok "root may do all" allowed root none read act edge
ok "nova-admin may act and read" allowed actor none read act
ok "nova may read" allowed looker none read
ok "anyone else may ask whether it lives" allowed nobody none
ok "a refusal is an event" eval 'novasup events --type api.denied -n 1000 | grep "uid $(id -u nobody) "'
# The same user, and what it may do, inside a worker's cgroup
echo 'workers: { asks: { command: "python3 /tmp/ask.py /tmp/api.json; sleep 1000000", user: actor } }' > /etc/nova/workers.d/asks.yaml
ok "a worker of nova-admin is added" systemctl reload nova-supervisor
answers() { journalctl -q -t nova/asks@1 -o cat; }
ops=$(python3 /tmp/ask.py /tmp/api.json | wc -l)
asked() { same "$(answers | wc -l)" "$ops"; }
ok "it asks" within 60 asked
ok "as a worker it may not act" eval 'answers | grep " act " && ! answers | grep " act " | grep -v "^403"'
ok "nor read" eval '! answers | grep " read " | grep -v "^403"'
ok "nor say what calls have cost" eval 'answers | grep " edge " && ! answers | grep " edge " | grep -v "^403"'

# modes
modes=$(sed -nE 's/^\| `(\/[^`]+)` \| (0[0-9]{3}) \| ([a-z]+) \|.*/\1 \2 \3/p' /payload/tree/docs/explanation/threat-model.md)
ok "the page has a table of modes" eval '[ "$(echo "$modes" | wc -l)" -ge 15 ]'
while read -r path mode owner; do
  path=${path/NAME@N/keeper@1} path=${path/NAME/keeper} path=${path/SECRET/STRIPE_API_KEY}
  [ "$owner" = root ] || owner=nova-worker
  ok "$path is $mode of $owner" same "$(stat -c '0%a %U' "$path")" "$mode $owner"
done <<< "$modes"
ok "a neighbour cannot read a secret" eval '! runuser -u looker -- cat /run/nova/credentials/keeper@1/STRIPE_API_KEY'
ok "its worker can" same "$(runuser -u nova-worker -- cat /run/nova/credentials/keeper@1/STRIPE_API_KEY)" "$secret"

# secrets
# -c, not the command line of grep itself, which /proc would show
words=/root/words; printf '%s\n%s\n' "$secret" "$password" > $words
none_in() { ! grep -rlaFf $words "$@" 2> /dev/null; }
ok "ps shows no secret" eval '! ps -ewwo args | grep -Ff $words'
ok "the environment file is the worker's" grep -aFq "$password" "/proc/$keeper/environ"
ok "no other environment holds it" eval 'for p in /proc/[0-9]*/environ; do [ "$p" = "/proc/$keeper/environ" ] || ! grep -aFqf $words "$p" 2> /dev/null || { echo "$p"; exit 1; }; done'
for pid in "$keeper" "$(brain)" "$(shim)"; do
  ok "another uid cannot read the environment of $(cat "/proc/$pid/comm")" eval "! runuser -u looker -- cat /proc/$pid/environ"
done
ok "no page of the API shows it" eval \
  'for p in status ps "ps -o json" "status keeper" "status keeper -o json" "events -n 10000 -o json" "logs -n 1000" health; do novasup $p; done | grep -vFf $words | grep -q keeper && ! for p in status "ps -o json" "status keeper -o json" "events -n 10000 -o json" "logs -n 1000"; do novasup $p; done | grep -Ff $words'
ok "the journal does not hold it" eval '! journalctl -q -o json | grep -Ff $words'
ok "the state does not hold it" none_in /var/lib/nova
ok "the runtime directory holds it in one file" same "$(grep -rlaFf $words /run/nova 2> /dev/null)" /run/nova/credentials/keeper@1/STRIPE_API_KEY

# core files: a worker's is written, so that the difference is ours
kill -SEGV "$(pid_of other 1)"
ok "a worker that dies by SIGSEGV leaves a core here" within 60 eval 'ls /tmp/cores | grep sleep'
old=$(brain)
for pid in "$old" "$(shim)"; do
  ok "$(cat "/proc/$pid/comm") may write a core, as far as its limit goes" eval "grep 'core file' /proc/$pid/limits | grep unlimited"
done
kill -SEGV "$old"
another() { differs "$(brain)" "$old" && novasup version; }
ok "the brain dies by it too and is back" within 60 another
old=$(shim)
kill -SEGV "$old"
shim_back() { differs "$(shim)" "$old" && up keeper 1; }
ok "so does the shim" within 120 shim_back
ok "neither left a core" eval '! ls /tmp/cores | grep nova'

ok "systemd-analyze security is 3.0 at most" systemd-analyze security --no-pager --threshold=30 nova-supervisor.service
finish
