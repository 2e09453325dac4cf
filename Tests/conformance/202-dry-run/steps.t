--dry-run says what would be done and does nothing, for every verb that acts
source: interface.md, --dry-run

  $ boot
  $ up w@1; up w@2; up on-top
  $ before=$(novasup ps -o json | python3 -c 'import json, sys; print([(r["name"], r["instance"], r["state"], r["pid"]) for r in json.load(sys.stdin)])')
  $ for v in start stop restart kill pause resume reset; do novasup $v w --dry-run; done
  would start w@1 (running)
  would start w@2 (running)
  would stop w@1 (running)
  would stop w@2 (running)
  would also stop: on-top
  would restart w@1 (running)
  would restart w@2 (running)
  would kill w@1 (running)
  would kill w@2 (running)
  would pause w@1 (running)
  would pause w@2 (running)
  would resume w@1 (running)
  would resume w@2 (running)
  would reset w@1 (running)
  would reset w@2 (running)
  $ novasup deploy cand --dry-run
  would deploy cand@1 (stopped)
  $ novasup scale w=5 --dry-run
  would scale w 2 5
  $ novasup stop w --dry-run -o json | python3 -m json.tool | grep -E 'dry_run|changed|also' | head -3
              "changed": false,
              "changed": false,
      "also_affected": [
  $ novasup stop nobody --dry-run
  novasup: cannot stop nobody: no worker 'nobody' (see `novasup ps`)
  [4]
  $ novasup kill -s NOSUCH w --dry-run
  novasup: there is no signal NOSUCH (see `novasup help kill`)
  [2]
  $ novasup scale w=50 --dry-run
  novasup: cannot scale w: w may have 0 to 8 instances, not 50 (min_instances and max_instances)
  [8]
  $ after=$(novasup ps -o json | python3 -c 'import json, sys; print([(r["name"], r["instance"], r["state"], r["pid"]) for r in json.load(sys.stdin)])')
  $ [[ "$before" == "$after" ]]
  $ events --type operator
