Byte order mark, CRLF, empty files and JSON are fine; tabs, anchors, tags, a second document and a key said twice are refused with their place
source: YAML 1.1 pitfalls; docker compose, kubectl

  $ lint() { printf "$1" > $CONFIG/workers.d/workers.yaml; novasup check $CONFIG 2>&1 | masked | sed 's|CONFIG/workers.d/||'; }
  $ lint '\xef\xbb\xbfworkers:\n  w: { command: ["true"] }\n'
  the configuration is well
  $ lint 'workers:\r\n  w:\r\n    command: [sleep, "1"]\r\n'
  the configuration is well
  $ lint ''; lint '# nothing\n'; lint 'workers:\n'; lint 'null\n'
  the configuration is well
  the configuration is well
  the configuration is well
  the configuration is well
  $ lint '{"workers": {"w": {"command": ["x"]}}}'
  the configuration is well
  $ lint 'workers:\n\tw: { command: [x] }\n'
  workers.yaml:2:1: is not valid YAML: found character that cannot start any token while scanning for the next token
  novasup: 1 problem
  $ lint 'workers:\n  a: &b { command: [x] }\n  c: *b\n'
  workers.yaml:2:6: anchors are not supported (write the value out where it is needed)
  novasup: 1 problem
  $ lint 'workers:\n  a: !!str { command: [x] }\n'
  workers.yaml:2:6: tags are not supported (leave out the '!', or quote the text)
  novasup: 1 problem
  $ lint 'workers:\n  a: { command: [x] }\n---\nworkers: {}\n'
  workers.yaml:3:1: a second document begins here (one file is one document)
  novasup: 1 problem
  $ lint 'workers:\n  a: { command: [x] }\n  a: { command: [y] }\n'
  workers.yaml:3:3: key 'a' is already at line 2, column 3
  novasup: 1 problem
  $ lint 'workers:\n  a:\n    command: [x]\n    command: [y]\n'
  workers.yaml:4:5: key 'command' is already at line 3, column 5
  novasup: 1 problem
  $ lint 'workers: []\n'; lint 'workers:\n  w: null\n'; lint 'workers:\n  w: {}\n'
  workers.yaml:1:10: workers must be a mapping of names, not a list
  novasup: 1 problem
  workers.yaml:2:6: worker 'w' must be a mapping, not empty
  novasup: 1 problem
  workers.yaml:2:3: worker 'w' has no command
  novasup: 1 problem
  $ lint 'workers:\n  Web: { command: [x] }\n  "a b": { command: [x] }\n  -x: { command: [x] }\n'
  workers.yaml:2:3: 'Web' is not a valid name (lower-case letters, digits, - and _, at most 63, not starting with - or _)
  workers.yaml:3:3: 'a b' is not a valid name (lower-case letters, digits, - and _, at most 63, not starting with - or _)
  workers.yaml:4:3: '-x' is not a valid name (lower-case letters, digits, - and _, at most 63, not starting with - or _)
  novasup: 3 problems
  $ lint 'workers:\n  w: { command: [x], autostart: yes }\n'
  workers.yaml:2:33: autostart: 'yes' is not true or false (did you mean 'true'?)
  novasup: 1 problem
  $ lint 'workers:\n  w: { command: "date +%%s" }\n'
  workers.yaml:2:17: command: unknown specifier '%s' (known are %i and %n; write %% for a percent sign)
  novasup: 1 problem
  $ lint "workers:\n  w: { command: [x, '%%q'] }\n"
  workers.yaml:2:21: command: unknown specifier '%q' (known are %i and %n; write %% for a percent sign)
  novasup: 1 problem
  $ mkfifo $CONFIG/workers.d/pipe.yaml; timeout 5 novasup check $CONFIG > /dev/null 2>&1; rm $CONFIG/workers.d/pipe.yaml
  $ ln -s /dev/zero $CONFIG/workers.d/zero.yaml; timeout 5 novasup check $CONFIG > /dev/null 2>&1; rm $CONFIG/workers.d/zero.yaml
  $ lint 'workers:\n  w: { command: ["true"] }\n'; echo junk > $CONFIG/workers.d/w.yaml~; echo junk > $CONFIG/workers.d/.w.yaml; novasup check $CONFIG
  the configuration is well
  the configuration is well
