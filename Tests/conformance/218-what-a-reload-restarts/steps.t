A reload restarts for what needs a process and applies the rest to the one that runs
source: architecture, rule 7; systemd daemon-reload

  $ boot
  $ up w
  $ try() { old=$(pid w); printf 'workers:\n  w: { command: ["sleep", "100000"], %s }\n' "$1" | workers; novasup reload; up w; [[ $(pid w) == $old ]] && echo same || { new_pid w $old; echo other; }; }
  $ try 'stop_timeout: 3s'
  w updated (stop_timeout)
  same
  $ try 'max_crashes: 9'
  w updated (stop_timeout, max_crashes)
  same
  $ try 'backoff: { delay: 3s }'
  w updated (backoff, max_crashes)
  same
  $ try 'restart: on-failure'
  w updated (restart, backoff)
  same
  $ try 'instances: 1, max_instances: 3'
  w updated (max_instances, restart)
  same
  $ try 'autostart: true'
  w updated (max_instances)
  same
  $ try 'health: [{ name: x, exec: ["true"] }]'
  w updated (health)
  same
  $ try 'after: []'
  w updated (health)
  same
  $ try 'limits: { memory: 100M }'
  w updated (limits)
  same
  $ try 'logs: { max_size: 1M }'
  w updated (limits, logs)
  same
  $ try 'environment: { A: b }'
  w restarted (environment, logs)
  other
  $ try 'environment: { A: b }, nice: 3'
  w restarted (nice)
  other
  $ try 'directory: /tmp'
  w restarted (directory, nice, environment)
  other
  $ try 'umask: "0077"'
  w restarted (directory, umask)
  other
  $ try 'limits: { files: 100 }'
  w restarted (umask, limits.files)
  other
  $ try 'user: "0"'
  w restarted (user, limits.files)
  other
