An empty budget refuses the next spend, pauses the worker and does not end it, says why and what is left, and more money lets it go on
source: row 95

  $ boot; up w; old=$(pid w)
  $ post() { python3 -c '
  > import http.client, json, os, socket, sys
  > c = http.client.HTTPConnection("nova"); c.sock = socket.socket(socket.AF_UNIX); c.sock.connect(os.environ["NOVA_SOCKET"])
  > c.request("POST", sys.argv[1], sys.argv[2]); a = c.getresponse(); b = json.loads(a.read())
  > open("answer", "w").write(str(b.get("reservation")))
  > print(a.status, b["error"]["code"] if "error" in b else b["state"])' "$@"; }
  $ post /v1/budgets/reserve '{"key":"a","worker":"w","amount_usd":"0.99"}'; one=$(cat answer)
  200 open
  $ post /v1/budgets/reserve '{"key":"b","worker":"w","amount_usd":"0.50"}'
  402 budget_exhausted
  $ post /v1/budgets/settle "{\"reservation\":$one,\"spent_usd\":\"1.20\"}"
  200 settled
  $ is w paused
  $ [[ $(pid w) == "$old" ]] && field w reason
  budget
  $ post /v1/budgets/reserve '{"key":"c","worker":"w","amount_usd":"0.01"}'
  402 budget_exhausted
  $ novasup resume w 2>&1 | masked
  novasup: cannot resume w: the budget of worker w/day is spent until TIME (raise it: novasup budget set w --daily AMOUNT)
  $ events --type budget --worker w | sed "s/reservation [0-9]*/reservation N/"
  budget.overrun w reservation N cost $0.21 more than the $0.99 that were set aside; its next estimates are half as high again
  budget.exhausted w w has spent $1.20 of $1.00 a day, $0.20 more than the limit, which nobody had reserved
  $ novasup budget set w --daily 5 > /dev/null
  $ is w running; [[ $(pid w) == "$old" ]] && echo the same process
  the same process
  $ post /v1/budgets/reserve '{"key":"d","worker":"w","amount_usd":"0.01"}'
  200 open
