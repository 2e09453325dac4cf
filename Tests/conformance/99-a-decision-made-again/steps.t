A decision is made again from what is stored of it, to the byte, also after a death of the supervisor
source: row 99

  $ boot; up many; novasup autonomous enable > /dev/null; is many stopped
  $ id=$(novasup decisions --worker many -o json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["id"])')
  $ novasup decisions show "$id" --replay | grep -o "the same, byte for byte"
  the same, byte for byte
  $ crash; boot
  $ novasup decisions show "$id" --replay | grep -o "the same, byte for byte"
  the same, byte for byte
