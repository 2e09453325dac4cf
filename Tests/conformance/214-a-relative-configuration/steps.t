The directories may be relative, links, or end in a slash; what is shown is where they are
source: supervisord -c relative paths (its pitfall)

  $ ln -s $CONFIG conf; cd $W
  $ nova-supervisor run --config conf/ --state ../s --runtime ../r > ../supervisor.log 2>&1 & supervisor=$!
  $ echo $supervisor > ../supervisor.pid; until_true answers
  $ up w; novasup reload; novasup check conf
  nothing changed
  the configuration is well
  $ novasup status w | head -1 | masked
  w  (DIR/conf//workers.d/workers.yaml:2)
  $ kill -TERM $supervisor; wait $supervisor
