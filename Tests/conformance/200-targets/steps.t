Names, instances, globs and --all reach what they say, each once, and one unknown name does nothing for the others
source: supervisorctl group:*, systemctl globs, pm2 all

  $ boot
  $ for w in agent-a@1 agent-a@2 agent-b other; do up $w; done
  $ novasup stop agent-a@2
  agent-a@2 stopped
  $ novasup stop agent-a agent-a agent-a@1 'agent-a*'
  agent-a@1 stopped
  agent-a@2 stopped (unchanged)
  $ novasup start 'agent-*'
  agent-a@1 running
  agent-a@2 running
  agent-b@1 running (unchanged)
  $ novasup stop 'agent-*@1'
  agent-a@1 stopped
  agent-b@1 stopped
  $ novasup start 'agent-[ab]'
  novasup: cannot start agent-[ab]: no worker 'agent-[ab]' (did you mean 'agent-a'?) (see `novasup ps`)
  [4]
  $ novasup stop agent-? --dry-run
  would stop agent-a@1 (stopped)
  would stop agent-a@2 (running)
  would stop agent-b@1 (stopped)
  $ novasup stop agent-b nobody
  novasup: cannot stop agent-b nobody: no worker 'nobody' (see `novasup ps`)
  [4]
  $ novasup stop agent-b 'no*'
  novasup: cannot stop agent-b no*: no worker matches 'no*' (see `novasup ps`)
  [4]
  $ novasup stop agent-b agent-b@2
  novasup: cannot stop agent-b agent-b@2: no instance 'agent-b@2' (did you mean 'agent-b@1'?) (see `novasup ps`)
  [4]
  $ novasup stop agent-b agent-b@0
  novasup: cannot stop agent-b agent-b@0: no instance 'agent-b@0' (did you mean 'agent-b@1'?) (see `novasup ps`)
  [4]
  $ novasup stop agent-b agent-b@x
  novasup: cannot stop agent-b agent-b@x: no instance 'agent-b@x' (did you mean 'agent-b@1'?) (see `novasup ps`)
  [4]
  $ novasup stop agent-b ''
  novasup: cannot stop agent-b : no worker '' (see `novasup ps`)
  [4]
  $ novasup stop agent-b '../x'
  novasup: cannot stop agent-b ../x: no worker '../x' (see `novasup ps`)
  [4]
  $ novasup stop -- -x
  novasup: cannot stop -x: no worker '-x' (see `novasup ps`)
  [4]
  $ state agent-b
  stopped
  $ novasup ps 'agent-*' other -o name
  agent-a@1
  agent-a@2
  agent-b@1
  other@1
  $ novasup ps other agent-b -o name
  agent-b@1
  other@1
  $ novasup stop --all -y
  agent-a@1 stopped (unchanged)
  agent-a@2 stopped
  agent-b@1 stopped (unchanged)
  other@1 stopped
  $ novasup stop all
  novasup: cannot stop all: no worker 'all' (see `novasup ps`)
  [4]
  $ novasup stop AGENT-B
  novasup: cannot stop AGENT-B: no worker 'AGENT-B' (see `novasup ps`)
  [4]
  $ novasup stop agent_b
  novasup: cannot stop agent_b: no worker 'agent_b' (did you mean 'agent-b'?) (see `novasup ps`)
  [4]
