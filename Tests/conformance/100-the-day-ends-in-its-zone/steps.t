A budget's day ends at midnight in its own zone, on a day with a change of clocks too
source: row 100

  $ cat > zone.py << 'END'
  > # A zone whose clocks changed an hour ago and whose midnight comes in so many seconds.
  > import struct, sys, time
  > now = int(time.time())
  > after = -((int(sys.argv[1]) + now) % 86400)
  > def block(form):
  >     return (b"TZif2" + bytes(15) + struct.pack(">6I", 0, 0, 0, 1, 2, 4)
  >             + struct.pack(form, now - 3600) + bytes([1])
  >             + struct.pack(">iBB", after - 3600, 0, 0) + struct.pack(">iBB", after, 1, 0) + b"TST\0")
  > sys.stdout.buffer.write(block(">i") + block(">q") + b"\n\n")
  > END
  $ mkdir -p zones/Test; python3 zone.py 600 > zones/Test/Later; export TZDIR=$PWD/zones
  $ printf 'budget: { timezone: Test/Later }\nprices: { cpu_hour: "0.001", memory_gib_hour: "0.001" }\naccounting: { booking_interval: 1s }\n' > $CONFIG/supervisor.yaml
  $ boot; up w
  $ post() { python3 -c '
  > import http.client, json, os, socket, sys
  > c = http.client.HTTPConnection("nova"); c.sock = socket.socket(socket.AF_UNIX); c.sock.connect(os.environ["NOVA_SOCKET"])
  > c.request("POST", sys.argv[1], sys.argv[2]); a = c.getresponse(); b = json.loads(a.read())
  > open("answer", "w").write(str(b.get("reservation")))
  > print(a.status, b["error"]["code"] if "error" in b else b["state"])' "$@"; }
  $ post /v1/budgets/reserve '{"key":"a","worker":"w","amount_usd":"0.90"}'; one=$(cat answer)
  200 open
  $ post /v1/budgets/settle "{\"reservation\":$one,\"spent_usd\":\"1.20\"}"
  200 settled
  $ is w paused; old=$(pid w)
  $ python3 zone.py 5 > zones/Test/Soon
  $ printf 'budget: { timezone: Test/Soon }\nprices: { cpu_hour: "0.001", memory_gib_hour: "0.001" }\naccounting: { booking_interval: 1s }\n' > $CONFIG/supervisor.yaml
  $ novasup reload > /dev/null; events --type budget.day | wc -l; state w
  0
  paused
  $ happened budget.day; is w running; [[ $(pid w) == "$old" ]] && echo the same process
  the same process
  $ post /v1/budgets/reserve '{"key":"b","worker":"w","amount_usd":"0.10"}'
  200 open
