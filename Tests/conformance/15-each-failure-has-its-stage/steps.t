What can go wrong before a worker's first instruction has each its own message
source: supervisord test_spawn_as_child_cwd_fail, _setuid_fail, _execv_fail_oserror

  $ printf '#!/nonexistent/interpreter\n' > script; printf 'not a program\n' > noformat; chmod +x script noformat
  $ boot
  $ for w in chdir nouser nogroup nopath notexec isdir noenv badscript noformat; do novasup start $w 2>&1 | masked; done
  novasup: cannot start chdir@1: directory: No such file or directory (see `novasup status chdir@1`)
  novasup: cannot start nouser@1: there is no user or group 'no-such-user' [No such file or directory] (see `novasup status nouser@1`)
  novasup: cannot start nogroup@1: there is no user or group 'no-such-group' [No such file or directory] (see `novasup status nogroup@1`)
  novasup: cannot start nopath@1: exec no-such-program: No such file or directory (it is not in PATH)
  novasup: cannot start notexec@1: exec /etc/passwd: Permission denied (it is not executable: chmod +x)
  novasup: cannot start isdir@1: exec /etc: Permission denied (it is a directory)
  novasup: cannot start noenv@1: environment_file: cannot open /nonexistent/env: No such file or directory [stage prepare] (see `novasup status noenv@1`)
  novasup: cannot start badscript@1: exec DIR/script: No such file or directory (the file is there, its interpreter '/nonexistent/interpreter' is not)
  novasup: cannot start noformat@1: exec DIR/noformat: Exec format error (it is neither a program for this machine nor a script with a #! line)
