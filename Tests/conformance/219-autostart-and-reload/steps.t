What an operator said outlives autostart; a worker nobody spoke about follows the file
source: Supervisor #877; interface.md, durable

  $ boot
  $ state w
  stopped
  $ printf 'workers:\n  w: { command: ["sleep", "100000"], autostart: true }\n' | workers
  $ novasup reload; up w
  w updated (autostart)
  $ novasup stop w
  w@1 stopped
  $ printf 'workers:\n  w: { command: ["sleep", "100001"], autostart: true }\n' | workers
  $ novasup reload; state w
  w restarted (command)
  stopped
  $ crash; boot; state w
  stopped
  $ down; boot; state w
  stopped
  $ novasup start w; down; boot; up w
  w@1 running
