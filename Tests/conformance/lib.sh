# shellcheck shell=bash
# What a scenario's steps can say besides plain shell. Sourced before the first step; every helper waits for a fact with
# a deadline and prints only when it did not come. Must never touch what this scenario did not start.
#
# $W the scenario's own directory (the steps and the workers share it), $CONFIG $STATE $RUNTIME the supervisor's,
# $NOVA_SOCKET its socket, $PATIENCE the seconds a fact may take.

# until_true COMMAND…: polls until the command succeeds.
until_true() {
  local end=$((SECONDS + PATIENCE)) said
  until said=$("$@" 2>&1); do
    if ((SECONDS >= end)); then
      echo "did not become true in $PATIENCE s: $*"
      echo "$said" | tail -5
      return 1
    fi
    pause_briefly
  done
}
pause_briefly() { read -r -t 0.05 <> <(:) || :; }

# launch [OPTION…]: the supervisor, in the background, without waiting for it.
launch() {
  nova-supervisor run --config "$CONFIG" --state "$STATE" --runtime "$RUNTIME" "$@" < /dev/null > "$W/../supervisor.log" 2>&1 &
  supervisor=$!
  echo "$supervisor" > "$W/../supervisor.pid"
}
answers() { [[ $(novasup status -o json 2> /dev/null) == *'"phase":"running"'* ]] || ! kill -0 "$supervisor" 2> /dev/null; }
# boot [OPTION…]: the supervisor, until it answers.
boot() {
  launch "$@"
  until_true answers
  kill -0 "$supervisor" 2> /dev/null || { echo "nova-supervisor ended:"; cat "$W/../supervisor.log"; return 1; }
}
# crash: the supervisor dies at once; the shim and the workers live.
crash() { kill -9 "$supervisor"; wait "$supervisor" 2> /dev/null; true; }
# down: SIGTERM, waited for; its exit code.
down() { kill -TERM "$supervisor" && wait "$supervisor"; }
# said TEXT: the supervisor has written TEXT to its stderr.
said() { until_true grep -q -e "$1" "$W/../supervisor.log"; }

# field NAME[@N] KEY: one value of a row of ps; `null` where it is unknown, `absent` where there is no such row.
field() {
  local name=${1%@*} number=1
  [[ $1 != *@* ]] || number=${1#*@}
  novasup ps -o json | python3 -c '
import json, sys
name, number, key = sys.argv[1], int(sys.argv[2]), sys.argv[3]
for row in json.load(sys.stdin):
    if (row["name"], row["instance"]) == (name, number):
        value = row
        for part in key.split("."):
            value = None if value is None else value[part]
        print(value if isinstance(value, str) else json.dumps(value))
        break
else:
    print("absent")' "$name" "$number" "$2"
}
pid() { field "$1" pid; }
state() { field "$1" state; }
in_state() { local now; now=$(state "$1"); [[ " ${*:2} " == *" $now "* ]] || { echo "$1 is $now"; return 1; }; }
# is NAME[@N] STATE…: until it is in one of the states.
is() { until_true in_state "$@"; }
# up NAME[@N]: until it runs.
up() { is "$1" running ready; }
# has NAME[@N] KEY VALUE: until its row says so.
has() { until_true row_has "$@"; }
row_has() { local now; now=$(field "$1" "$2"); [[ $now == "$3" ]] || { echo "$1 $2 is $now"; return 1; }; }
# new_pid NAME[@N] OLD: until it runs as another process.
new_pid() { until_true other_pid "$@"; }
other_pid() { local now; now=$(pid "$1"); [[ $now != null && $now != absent && $now != "$2" ]] && in_state "$1" running ready; }
# file NAME [TEXT]: until a worker made it (and it holds TEXT).
file() { until_true holds "$@"; }
holds() { [[ -e $1 ]] && { [[ $# == 1 ]] || grep -q -e "$2" "$1"; }; }
# lines NAME: how many lines a file has; 0 when it is absent.
lines() { if [[ -e $1 ]]; then wc -l < "$1" | tr -d ' '; else echo 0; fi; }
line_count() { local now; now=$(lines "$1"); ((now >= $2)) || { echo "$1 has $now lines"; return 1; }; }
# at_least NAME N: until a file has N lines.
at_least() { until_true line_count "$@"; }
alive() { [[ -e /proc/$1/stat ]] && [[ $(sed 's/.*) //' "/proc/$1/stat" 2> /dev/null) != Z* ]]; }
gone() { ! alive "$1"; }
# events [OPTION…]: history without its times and numbers: TYPE WORKER MESSAGE.
events() {
  novasup events -n 10000 -o json "$@" | python3 -c '
import json, re, sys
for event in sorted(json.load(sys.stdin), key=lambda event: event["id"]):
    print(event["type"], event["worker"] or "-", re.sub(r"\bpid \d+", "pid PID", event["message"]))'
}
# happened TYPE [OPTION…]: until history holds that type.
happened() { until_true event_of "$@"; }
event_of() { [[ -n $(events --type "$1" "${@:2}") ]]; }
# starts NAME: how often a process of it was started.
starts() { events --type instance.started --worker "$1" | wc -l | tr -d ' '; }
# workers: the workers' file from stdin, in place of what was there; @W@ is the scenario's directory, @BIN@ the programs'.
workers() { sed -e "s|@W@|$W|g" -e "s|@BIN@|$BIN|g" > "$CONFIG/workers.d/workers.yaml.new" && mv "$CONFIG/workers.d/workers.yaml.new" "$CONFIG/workers.d/workers.yaml"; }
# masked: stdin with what differs from run to run replaced: pids, times, durations, directories.
masked() {
  sed -E -e "s|$W|DIR|g; s|$CONFIG|CONFIG|g; s|$RUNTIME|RUNTIME|g; s|$STATE|STATE|g" \
    -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' -e 's/\bpid [0-9]+/pid PID/g' \
    -e 's/\b([0-9]+(\.[0-9]+)?(ms|s|m|h)){1,2}\b/AGE/g'
}
