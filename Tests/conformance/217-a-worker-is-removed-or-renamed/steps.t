A worker that is removed or renamed while paused, in backoff or starting is gone in the end, and the others stay
source: process-compose TestSystem_TestUpdateKeepsProjectAlive; supervisord update

  $ boot
  $ up paused; is backoff backoff; is starting starting; up old-name; up stays
  $ novasup pause paused; p=$(pid paused) o=$(pid old-name) s=$(pid stays)
  paused@1 paused
  $ workers <<'END'
  > workers:
  >   new-name: { command: ["sleep", "100000"] }
  >   stays: { command: ["sleep", "100000"], after: [new-name] }
  > END
  $ novasup reload
  backoff removed
  new-name added
  old-name removed
  paused removed
  starting removed
  stays updated (after)
  $ up new-name; until_true gone $p; until_true gone $o; [[ $(pid stays) == $s ]]
  $ listed() { [[ $(novasup ps -o name | tr '\n' ' ') == 'new-name@1 stays@1 ' ]]; }; until_true listed
  $ novasup logs old-name
  novasup: cannot read the logs: no worker 'old-name' (see `novasup ps`)
  [4]
  $ novasup status old-name
  novasup: cannot show the status: no worker 'old-name' (see `novasup ps`)
  [4]
  $ workers <<'END'
  > workers:
  >   paused: { command: ["sleep", "100000"] }
  >   stays: { command: ["sleep", "100000"] }
  > END
  $ novasup reload; novasup ps paused --no-headers | awk '{ print $1, $2 }'
  new-name removed
  paused added
  stays updated (after)
  paused@1 running
