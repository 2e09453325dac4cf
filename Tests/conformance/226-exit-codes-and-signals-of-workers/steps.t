Every exit code and every signal is told exactly
source: pm2 God.js (a signal shown as code 0); systemd ExecMainStatus

  $ boot
  $ for c in 0 1 2 7 64 77 125 126 127 128 130 137 143 200 254 255; do echo $c > code; novasup start w --no-wait > /dev/null; n=$(starts w); has w last_exit.code $c; is w failed completed; done; starts w
  16
  $ for c in 1 2 3 4 6 8 9 10 11 12 13 14 15 24 25 31 34 64; do echo $c > signal; novasup start s --no-wait > /dev/null; has s last_exit.signal $c; is s failed completed; done
  $ field s last_exit.code
  null
  $ novasup ps s --no-headers | awk '{ print $1, $2, $NF }'
  s@1 failed SIGRTMAX
