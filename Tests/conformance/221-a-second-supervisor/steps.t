A second supervisor on the same directories is refused with a sentence and disturbs nobody
source: pm2 #1257 (two daemons); supervisord "Another program is already listening"

  $ boot
  $ up w; old=$(pid w)
  $ nova-supervisor run --config $CONFIG --state $STATE --runtime $RUNTIME 2>&1 | masked; echo ${PIPESTATUS[0]}
  nova-supervisor: cannot start on RUNTIME: another supervisor runs (pid PID) (use another --runtime, or novasup to talk to it)
  1
  $ mkdir $W/r2; nova-supervisor run --config $CONFIG --state $STATE --runtime $W/r2 2>&1 | sed -E "s|$W|DIR|g" | masked; echo ${PIPESTATUS[0]}
  nova-supervisor: cannot open the state database STATE/nova.db: another supervisor has it open (stop that one, or give another state directory)
  1
  $ [[ $(pid w) == $old ]]; novasup stop w
  w@1 stopped
