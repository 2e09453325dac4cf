An order's answer has every output form; -q leaves only errors
source: interface.md, -o and -q

  $ boot
  $ up w@1; up w@2
  $ novasup stop w -o name
  w@1
  w@2
  $ novasup start w -o json | python3 -c 'import json, sys; a = json.load(sys.stdin); print(a["action"], [(r["target"], r["ok"], r["changed"], r["state"]) for r in a["results"]], a["timed_out"], a["dry_run"])'
  start [('w@1', True, True, 'running'), ('w@2', True, True, 'running')] False False
  $ novasup stop w -o jsonl | python3 -c 'import json, sys; print([json.loads(line)["target"] for line in sys.stdin])'
  ['w@1', 'w@2']
  $ novasup start w -q
  $ novasup start bad -q
  novasup: cannot start bad@1: exit 3 (see `novasup status bad@1`)
  [1]
  $ novasup start bad -o json 2> err | python3 -c 'import json, sys; r = json.load(sys.stdin)["results"][0]; print(r["ok"], r["code"], r["exit_code"], r["message"])'; echo ${PIPESTATUS[0]}; cat err
  False failed 3 exit 3
  1
  $ novasup start w bad -o name 2> err; cat err
  w@1
  w@2
  $ novasup start w bad 2> err; cat err
  w@1 running (unchanged)
  w@2 running (unchanged)
  novasup: cannot start bad@1: exit 3 (see `novasup status bad@1`)
  $ novasup stop nobody -o json
  novasup: cannot stop nobody: no worker 'nobody' (see `novasup ps`)
  [4]
  $ novasup scale w=1 -o json | python3 -c 'import json, sys; print([(r["target"], r["from"], r["to"]) for r in json.load(sys.stdin)["results"]])'
  [('w', 2, 1)]
