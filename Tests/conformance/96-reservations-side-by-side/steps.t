Reservations side by side never exceed the limit together, and a repeated key is the same reservation
source: row 96

  $ boot; up w
  $ cat > ask.py << 'END'
  > import http.client, json, os, socket, threading
  > def post(body):
  >     c = http.client.HTTPConnection("nova"); c.sock = socket.socket(socket.AF_UNIX); c.sock.connect(os.environ["NOVA_SOCKET"])
  >     c.request("POST", "/v1/budgets/reserve", json.dumps(body)); a = c.getresponse()
  >     return a.status, json.loads(a.read())
  > got, gate = [], threading.Barrier(20)
  > def ask(number):
  >     gate.wait()
  >     got.append((number, *post({"key": str(number), "worker": "w", "amount_usd": "0.30"})))
  > all = [threading.Thread(target=ask, args=(n,)) for n in range(20)]
  > for t in all: t.start()
  > for t in all: t.join()
  > print("granted", sum(s == 200 for _, s, _ in got), "refused", sum(s == 402 for _, s, _ in got))
  > for number, status, body in got:
  >     if status == 200:
  >         again = post({"key": str(number), "worker": "w", "amount_usd": "0.30"})[1]
  >         print("the same" if again["reservation"] == body["reservation"] else again)
  > END
  $ python3 ask.py
  granted 3 refused 17
  the same
  the same
  the same
  $ crash; boot
  $ novasup budget -o json | python3 -c '
  > import json, sys
  > print([("spent", b["spent_usd"][:4], "of it unreconciled", b["unreconciled_usd"][:4]) for b in json.load(sys.stdin)["budgets"] if b["subject"] == "w" and b["period"] == "day"])'
  [('spent', '0.90', 'of it unreconciled', '0.90')]
