Giving up is one critical event, after the state is set; a crash of the supervisor does not repeat it
source: supervisord test_transition_backoff_to_fatal

  $ boot
  $ is w failed
  $ novasup events --type instance.failed -o json | python3 -c 'import json, sys; print([(e["worker"], e["severity"]) for e in json.load(sys.stdin)])'
  [('w', 'critical')]
  $ crash; boot
  $ state w
  failed
  $ events --type instance.failed | wc -l
  1
