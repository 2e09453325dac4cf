Limits, umask, nice, user and groups by number, and directory are what the child has
source: systemd TEST-05-RLIMITS.sh; circus test_process.py test_rlimits
needs: root

  $ boot
  $ file nnp NoNewPrivs
  $ for f in files umask nice oom pwd uid gid groups nnp; do echo $f $(cat $f); done
  files 333
  umask 0027
  nice 5
  oom 300
  pwd /tmp
  uid 65534
  gid 65533
  groups 65533 65531 65532 65534
  nnp NoNewPrivs: 1
