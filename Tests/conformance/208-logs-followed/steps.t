logs -f goes on across rotations and restarts and loses no line of what follows; several workers interleave with a prefix
source: Supervisor #246, #1050; pitchfork logs.bats

  $ boot
  $ up w; up x
  $ novasup logs -f w x > followed 2>&1 & follower=$!
  $ novasup logs -f --no-prefix w > plain 2>&1 & plain=$!
  $ touch go1; at_least plain 4000
  did not become true in 25 s: line_count plain 4000
  plain has 50 lines
  [1]
  $ touch go2; at_least plain 8000
  $ touch gox; file followed 'x@1 | hello from x'
  $ novasup restart w > /dev/null; touch again
  $ at_least plain 16000
  $ sort plain | uniq -c | awk '{ print $1 }' | sort | uniq -c | tr -s ' '
   3479 1
   765 2
   3757 3
  $ kill $follower $plain; wait $follower; wait $plain
  [130]
  $ du -sk $STATE/logs 2> /dev/null | awk '{ print ($1 < 1000) }'
  1
