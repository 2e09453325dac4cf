More memory than its limit ends it with a reason of its own, never as a mere signal, and its neighbour is untouched
source: systemd TEST-07-PID1.oom-kill.sh; kubernetes #78973

  $ boot
  $ up neighbour; old=$(pid neighbour)
  $ is eater failed
  $ field eater reason
  memory_limit
  $ field eater crashes
  2
  $ novasup events --type instance --worker eater | grep -c -e 'limits.memory' -e 'out of memory' > n; (( $(cat n) > 0 ))
  $ [[ $(pid neighbour) == $old ]]
