Stopping a worker stops those that require it, in reverse order, and says so; what only comes after it stays
source: dinit force-stop (there refused without --force); interface.md

  $ boot
  $ for w in critical user1 user2 later; do up $w; done
  $ novasup stop critical --dry-run
  would stop critical@1 (running)
  would also stop: user1, user2
  $ state critical
  running
  $ novasup stop critical
  critical@1 stopped
  also stopped: user1, user2
  $ events --type instance.stopped | masked
  instance.stopped user2 user2@1 stopped
  instance.stopped user1 user1@1 stopped
  instance.stopped critical critical@1 stopped
  $ state later
  running
