History is asked by type, worker, id and time, and followed without a gap
source: interface.md, events; pebble notices

  $ boot
  $ up w
  $ novasup stop w --reason 'for the night' > /dev/null
  $ events --worker w | masked
  instance.starting w w@1 is starting
  instance.started w w@1 started, pid PID
  operator.stop w stop of w by uid:0: for the night
  instance.stopping w w@1 is being stopped (by an operator)
  instance.stopped w w@1 stopped
  $ events --type operator
  operator.stop w stop of w by uid:0: for the night
  $ events --type operator.stop --worker w
  operator.stop w stop of w by uid:0: for the night
  $ events --type op
  $ last=$(novasup events -n 1 -o name)
  $ novasup events -f --after $last -o jsonl > followed & follower=$!
  $ novasup start w > /dev/null
  $ at_least followed 3
  $ kill $follower; wait $follower
  [130]
  $ python3 -c 'import json; ids = [json.loads(line)["id"] for line in open("followed")]; print(ids == list(range(ids[0], ids[0] + len(ids))))'
  True
  $ [[ $(head -1 followed) == *'"id":'$((last + 1))* ]]
  $ novasup events --since 1h -n 1 --no-headers | wc -l
  1
  $ novasup events --since 2099-01-01T00:00:00Z --no-headers
  $ novasup events --worker nobody --no-headers
  $ novasup events -n 0 --no-headers
