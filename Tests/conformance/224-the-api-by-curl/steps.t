The API answers curl, refuses what it does not know with 4xx and a field, and changes nothing then
source: interface.md, API; docker engine API
needs: curl

  $ boot
  $ up w; old=$(pid w)
  $ api() { curl -s -o body -w '%{http_code}\n' --unix-socket $RUNTIME/supervisor.sock -X "$1" "http://nova$2" "${@:3}"; }
  $ code() { python3 -c 'import json; e = json.load(open("body"))["error"]; print(e["code"], "|", e["message"], "|", e["field"])'; }
  $ api GET /healthz; api GET /v1/workers; api GET /v1/workers/w; api GET /v1/openapi.json; api GET /metrics
  200
  200
  200
  200
  200
  $ api GET /v1/workers/nobody; code
  404
  no_such_worker | no worker 'nobody' | targets
  $ api GET /v1/nothing; code
  404
  not_found | there is no page /v1/nothing | None
  $ api DELETE /v1/workers; code
  405
  method_not_allowed | DELETE is not possible on /v1/workers | None
  $ api POST /v1/actions -d '{'; code
  400
  bad_request | the body is not JSON: expected a key in quotes at byte 1 | None
  $ api POST /v1/actions -d '[]'; code
  400
  bad_request | the body: expected an object | None
  $ api POST /v1/actions -d '{"targets":["w"]}'; code
  400
  bad_request | action is missing | action
  $ api POST /v1/actions -d '{"targets":["w"],"action":"explode"}'; code
  400
  bad_request | action: there is no 'explode' (there is start, stop, restart, kill, pause, resume, scale, reset, deploy) | action
  $ api POST /v1/actions -d '{"targets":["w"],"action":"stop","frobnicate":1}'; code
  400
  unknown_field | there is no field frobnicate | frobnicate
  $ api POST /v1/actions -d '{"targets":"w","action":"stop"}'; code
  400
  bad_request | targets: expected an array | targets
  $ api POST /v1/actions -d '{"targets":[],"action":"stop"}'; code
  400
  bad_request | name at least one worker | targets
  $ api POST /v1/actions -d '{"targets":["w"],"action":"stop","timeout_seconds":-1}'; code
  400
  bad_request | timeout_seconds must be 0 to 86400 | timeout_seconds
  $ api POST /v1/actions -d '{"targets":["w"],"action":"stop","timeout_seconds":1e999}'; code
  400
  bad_request | timeout_seconds must be 0 to 86400 | timeout_seconds
  $ api POST /v1/actions -d '{"targets":["nobody"],"action":"stop"}'; code
  404
  no_such_worker | no worker 'nobody' | targets
  $ head -c 3000000 /dev/zero | tr '\0' ' ' > big; api POST /v1/actions -d @big; code
  413
  too_large | the body is longer than 1048576 bytes | None
  $ api GET "/v1/events?limit=abc"; code
  400
  bad_request | limit must be a number from 0 to 10000 | limit
  $ api GET "/v1/events?frobnicate=1"; code
  400
  unknown_field | there is no parameter frobnicate | frobnicate
  $ api GET "/v1/../etc/passwd"; api GET "/%2e%2e/%00"
  404
  400
  $ [[ $(pid w) == $old ]]; events --type operator
