%i, %n and %% are expanded in command, directory and environment, and nowhere else
source: systemd.unit(5) specifiers; supervisord %(process_num)d

  $ mkdir w; boot
  $ file out1; file out2; cat out1 out2
  w 1 100%
  w 2 100%
  $ up w@2; tr '\0' '\n' < /proc/$(pid w@2)/environ | grep ^WHO
  WHO=w-2
  $ basename $(readlink /proc/$(pid w@2)/cwd)
  w
