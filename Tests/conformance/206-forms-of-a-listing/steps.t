A listing has every output form, no colour and no truncation where it is piped
source: interface.md, -o; NO_COLOR; kubectl, docker

  $ boot
  $ up w@1; up w@2
  $ novasup ps -o name
  w@1
  w@2
  $ novasup ps --no-headers | awk '{ print (NF >= 10), $1, $2 }'
  1 w@1 running
  1 w@2 running
  $ novasup ps | head -1 | tr -s ' '
  NAME STATE PID UPTIME CRASHES CPU% MEM TASKS COST/H ROI WHY
  $ novasup ps -o wide | head -1 | tr -s ' '
  NAME STATE PID UPTIME CRASHES CPU% MEM TASKS COST/H ROI PEAK RESTARTS COST SINCE WHY
  $ novasup ps -o json | python3 -c 'import json, sys; print(sorted(json.load(sys.stdin)[0])[:8])'
  ['backoff_remaining_seconds', 'cooldown_remaining_seconds', 'cost_per_hour_usd', 'cost_usd', 'cpu_percent', 'cpu_system_usec', 'cpu_usage_usec', 'cpu_user_usec']
  $ novasup ps -o jsonl | wc -l
  2
  $ COLUMNS=10 novasup ps | head -1 | tr -s ' '
  NAME STATE PID UPTIME CRASHES CPU% MEM TASKS COST/H ROI WHY
  $ novasup ps | grep -c "$(printf '\033')"
  0
  [1]
  $ NO_COLOR= novasup ps -o name | head -1
  w@1
  $ novasup ps -o=json | head -c 1; echo
  [
  $ novasup ps --output=name -q
  w@1
  w@2
  $ novasup -o name ps
  w@1
  w@2
  $ novasup ps -oname
  w@1
  w@2
  $ novasup ps -o
  novasup: -o needs a value (see `novasup help ps`)
  [2]
  $ novasup ps -o name -o json | head -c 1; echo
  [
  $ novasup list -o name; novasup ls w@2 -o name
  w@1
  w@2
  w@2
