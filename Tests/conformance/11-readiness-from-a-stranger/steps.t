READY=1 from a process outside the worker is ignored, one from a child inside counts
source: systemd TEST-80-NOTIFYACCESS.sh

  $ boot
  $ novasup start --no-wait waiting
  waiting@1 starting
  $ is waiting starting
  $ running() { [[ $(pid waiting) != null ]]; }; until_true running
  $ export NOTIFY_SOCKET=$(tr '\0' '\n' < /proc/$(pid waiting)/environ | sed -n 's/^NOTIFY_SOCKET=//p')
  $ python3 notify.py READY=1 'STATUS=taken over'
  $ touch go; has waiting status_text genuine
  $ state waiting
  starting
  $ touch ready; is waiting ready
