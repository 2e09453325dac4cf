logs -f goes on across rotations and restarts and loses no line of what follows; several workers interleave with a prefix
source: Supervisor #246, #1050; pitchfork logs.bats

  $ boot
  $ up w; up x
  $ novasup logs -f w x > followed 2>&1 & follower=$!
  $ novasup logs -f --no-prefix w > plain 2>&1 & plain=$!
  $ file plain 'hello from w'; file followed 'w@1 | hello from w'
  $ touch go1; at_least plain 4001
  $ touch go2; at_least plain 8001
  $ touch gox; file followed 'x@1 | hello from x'
  $ grep -c batch plain; grep batch plain | sort -u | wc -l
  8000
  8000
  $ cp /dev/null before; rm go1 go2; novasup restart w > /dev/null; twice() { [[ $(grep -c 'hello from w' plain) == 2 ]]; }; until_true twice
  $ touch go1; at_least plain 12002; at_least followed 12003
  $ kill $follower $plain; wait $follower; wait $plain
  [130]
