// Everything a worker's file can get wrong, with the exact words and places.

import NovaModel
import Testing

@testable import NovaWire

struct WorkerProblemsTests {
  @Test("one wrong value gives one problem in these words", arguments: Self.table)
  func words(lines: String, problem: String) {
    #expect(ConfigurationFixture.problems(worker: "command: x\n" + lines) == [problem])
  }

  static let table: [(String, String)] = [
    ("comand: y", "4:5: unknown key 'comand' in worker 'a' (did you mean 'command'?)"),
    ("zzzzzzz: y", "4:5: unknown key 'zzzzzzz' in worker 'a'"),
    ("limits: { memry: 1G }", "4:15: unknown key 'memry' in limits (did you mean 'memory'?)"),
    ("limits: [1]", "4:13: limits must be a mapping, not a list"),
    (
      "limits: { memory: 512 MB }",
      "4:23: limits.memory: '512 MB' is not a size (such as 64K, 512M or 2G)"
    ),
    ("limits: { memory: 4K }", "4:23: limits.memory: '4K' is less than 1M"),
    ("limits: { memory: 1M, memory_high: 2M }", "4:40: limits.memory_high: is above limits.memory"),
    ("limits: { cpu: fast }", "4:20: limits.cpu: 'fast' is not a whole percentage (such as 150%)"),
    ("limits: { cpu: 0 }", "4:20: limits.cpu: '0' is not between 1% and 1000000%"),
    ("limits: { io_weight: 10001 }", "4:26: limits.io_weight: '10001' is not between 1 and 10000"),
    ("limits: { pids: \"1\" }", "4:21: limits.pids: must be a whole number, not text in quotes"),
    ("directory: opt/x", "4:16: directory: 'opt/x' is not an absolute path"),
    (
      "directory: /x/%h",
      "4:16: directory: unknown specifier '%h' (known are %i and %n; write %% for a percent sign)"
    ),
    ("umask: 089", "4:12: umask: '089' is not an octal file mode (such as 0022)"),
    ("nice: 20", "4:11: nice: '20' is not between -20 and 19"),
    ("oom_score_adj: -1001", "4:20: oom_score_adj: '-1001' is not between -1000 and 1000"),
    ("user: \"a b\"", "4:11: user: 'a b' is not the name of a user"),
    ("environment: { 1A: x }", "4:20: environment: '1A' is not a variable name"),
    ("environment: { A: }", "4:23: environment.A: has no value (it must be text)"),
    (
      "environment: { NOTIFY_SOCKET: x }",
      "4:20: environment: 'NOTIFY_SOCKET' is set by the supervisor"
    ),
    ("environment: [A=1]", "4:18: environment must be a mapping, not a list"),
    ("environment_file: x.env", "4:23: environment_file: 'x.env' is not an absolute path"),
    (
      "secrets: [../key]",
      "4:15: secrets: '../key' is not the name of a secret (letters, digits, _ . -)"
    ),
    ("secrets: KEY", "4:14: secrets: must be a list, not a single value"),
    ("autostart: yes", "4:16: autostart: 'yes' is not true or false (did you mean 'true'?)"),
    ("autostart: \"true\"", "4:16: autostart: must be true or false, not text in quotes"),
    ("instances: 1.5", "4:16: instances: '1.5' is not a whole number"),
    ("instances: -1", "4:16: instances: '-1' is not between 0 and 10000"),
    (
      "instances: 99999999999999999999",
      "4:16: instances: '99999999999999999999' is not between 0 and 10000"
    ),
    ("instances: 1\nmin_instances: 2", "4:16: instances: 1 is below min_instances: 2"),
    ("instances: 9\nmax_instances: 8", "4:16: instances: 9 is above max_instances: 8"),
    ("min_instances: 3\nmax_instances: 2", "4:20: min_instances: 3 is above max_instances: 2"),
    ("mode: cron", "4:11: mode: 'cron' is not one of service, job"),
    ("interval: 5s", "4:15: interval: is only for a job (add 'mode: job')"),
    ("schedule: \"@daily\"", "4:15: schedule: is only for a job (add 'mode: job')"),
    ("mode: job\ninterval: 0s", "5:15: interval: must be longer than 0s"),
    (
      "mode: job\ninterval: 5",
      "5:15: interval: '5' is not a duration (such as 500ms, 10s, 5m, 24h or 7d) (did you mean '5s'?)"
    ),
    (
      "mode: job\ninterval: 5s\nschedule: \"@daily\"",
      "6:15: schedule: cannot go with interval (choose one)"
    ),
    (
      "mode: job\nschedule: \"0 0 31 2 *\"",
      "5:15: schedule: '0 0 31 2 *': never matches: no month in it has such a day"
    ),
    (
      "mode: job\nschedule: \"61 * * * *\"",
      "5:15: schedule: '61 * * * *': minute: '61' is not 0-59"
    ),
    (
      "mode: job\nschedule: \"@daily\"\ntimezone: Mars/Base",
      "6:15: timezone: there is no time zone 'Mars/Base' (names are such as Europe/Berlin)"
    ),
    (
      "mode: job\nschedule: \"@daily\"\ntimezone: ../../etc/passwd",
      "6:15: timezone: there is no time zone '../../etc/passwd' (names are such as Europe/Berlin)"
    ),
    (
      "mode: job\nschedule: \"@daily\"\ntimezone: Broken/Zone",
      "6:15: timezone: the rules of time zone 'Broken/Zone' cannot be read: is cut short"
    ),
    ("mode: job\ntimezone: UTC", "5:15: timezone: is only for a schedule (add 'schedule')"),
    ("ready: soon", "4:12: ready: 'soon' is not one of none, notify"),
    ("ready: { log: x, tcp: 1 }", "4:12: ready needs exactly one of log, tcp and http"),
    ("ready: {}", "4:12: ready needs exactly one of log, tcp and http"),
    ("ready: { log: \"\" }", "4:19: ready.log: is empty"),
    ("ready: { tcp: 70000 }", "4:19: ready.tcp: '70000' is not a port from 1 to 65535"),
    (
      "ready: { tcp: 6553%i }\ninstances: 8",
      "4:19: ready.tcp: '6553%i' is not a port from 1 to 65535 (it becomes '65538' for instance 8)"
    ),
    (
      "ready: { tcp: 80%x }",
      "4:19: ready.tcp: unknown specifier '%x' (known are %i and %n; write %% for a percent sign)"
    ),
    (
      "ready: { http: \"http://example.com/\" }",
      "4:20: ready.http: 'http://example.com/' is not on this machine (use 127.0.0.1, localhost or [::1])"
    ),
    (
      "ready: { http: \"http://127.0.0.1:80@evil.example/\" }",
      "4:20: ready.http: 'http://127.0.0.1:80@evil.example/' is not on this machine (use 127.0.0.1, localhost or [::1])"
    ),
    ("ready: { http: ftp }", "4:20: ready.http: 'ftp' is not an http:// or https:// URL"),
    (
      "start_timeout: 1.5m",
      "4:20: start_timeout: '1.5m' is not a duration (such as 500ms, 10s, 5m, 24h or 7d)"
    ),
    ("start_timeout: 0s", "4:20: start_timeout: must be longer than 0s"),
    ("stop_timeout: [1s]", "4:19: stop_timeout: must be a duration, not a list"),
    ("stop_timeout:", "4:18: stop_timeout: has no value (it must be a duration)"),
    ("watchdog: 9999d", "4:15: watchdog: '9999d' is not between 0s and 1000d"),
    ("stop_signal: TERMM", "4:18: stop_signal: there is no signal 'TERMM' (did you mean 'TERM'?)"),
    (
      "restart: on-faliure",
      "4:14: restart: 'on-faliure' is not one of always, on-failure, never (did you mean 'on-failure'?)"
    ),
    ("success_exit_codes: [0, 256]", "4:29: success_exit_codes: '256' is not between 0 and 255"),
    ("backoff: { factor: 0.5 }", "4:24: backoff.factor: '0.5' is not between 1 and 100"),
    (
      "backoff: { factor: two }",
      "4:24: backoff.factor: 'two' is not a number (such as 2 or 1.5; at most 3 decimals)"
    ),
    ("backoff: { delay: 5s, max: 1s }", "4:32: backoff.max: is shorter than backoff.delay"),
    ("backoff: { jitter: 101% }", "4:24: backoff.jitter: '101%' is not between 0% and 100%"),
    ("max_crashes: 0", "4:18: max_crashes: '0' is not between 1 and 1000"),
    ("max_cooldowns: -2", "4:20: max_cooldowns: '-2' is not between -1 and 1000"),
    ("requires: redis", "4:15: requires: must be a list, not a single value"),
    (
      "requires: [Redis]",
      "4:16: requires: 'Redis' is not a valid name (lower-case letters, digits, - and _, at most 63, not starting with - or _)"
    ),
    ("health: { name: x }", "4:13: health: must be a list, not a mapping"),
    ("health: [{ tcp: 1 }]", "4:14: health[1] has no name"),
    ("health: [{ name: x }]", "4:14: health[1] needs exactly one of http, tcp and exec"),
    (
      "health: [{ name: x, tcp: 1 }, { name: x, tcp: 2 }]",
      "4:43: health[2].name: 'x' is there twice"
    ),
    (
      "health: [{ name: x, tcp: 1, perid: 1s }]",
      "4:33: unknown key 'perid' in health[1] (did you mean 'period'?)"
    ),
    ("health: [{ name: x, exec: [] }]", "4:31: health[1].exec: is an empty list"),
    (
      "health: [{ name: x, tcp: 1, action: kill }]",
      "4:41: health[1].action: 'kill' is not one of restart, none"
    ),
    (
      "security: { capabilities: [NET_BIND] }",
      "4:32: security.capabilities: there is no capability 'NET_BIND' (did you mean 'net_bind_service'?)"
    ),
    (
      "security: { capabilities: [CAP_CHWN] }",
      "4:32: security.capabilities: there is no capability 'CAP_CHWN' (did you mean 'chown'?)"
    ),
    (
      "security: { network: lan }",
      "4:26: security.network: 'lan' is not one of host, none, gateway"
    ),
    ("logs: { max_size: 1K }", "4:23: logs.max_size: '1K' is less than 64K"),
    ("budget: { daily: -1 }", "4:22: budget.daily: '-1' is negative"),
    (
      "budget: { daily: 0.0000001 }",
      "4:22: budget.daily: '0.0000001' is not an amount in USD (such as 0.05 or 100; at most 6 decimals)"
    ),
    (
      "budget: { on_exceeded: panic }",
      "4:28: budget.on_exceeded: 'panic' is not one of pause, stop, ask"
    ),
    (
      "economics: { reserve: { gpu: 1 } }",
      "4:29: unknown key 'gpu' in economics.reserve (did you mean 'cpu'?)"
    ),
  ]

  @Test(
    "a bad command is refused",
    arguments: [
      ("command: []", "3:14: command: is an empty list"),
      ("command: \"\"", "3:14: command: is empty"), ("command: '  '", "3:14: command: is empty"),
      ("command: [\"\", x]", "3:14: command: has no program: its first word is empty"),
      ("command: [a, [b]]", "3:18: command: must be text, not a list"),
      ("command: {a: b}", "3:14: command: must be text, not a mapping"),
      (
        "command: date +%Y",
        "3:14: command: unknown specifier '%Y' (known are %i and %n; write %% for a percent sign)"
      ),
      (
        "command: [a, \"50%\"]",
        "3:18: command: unknown specifier '%' (known are %i and %n; write %% for a percent sign)"
      ),
      ("command:", "3:13: command: has no value (it must be text)"),
      ("autostart: true", "2:3: worker 'a' has no command"),
    ])
  func commands(lines: String, problem: String) {
    #expect(ConfigurationFixture.problems(worker: lines) == [problem])
  }

  @Test(
    "a file that is not a mapping of workers is refused",
    arguments: [
      ("[a]", "w1.yaml:1:1: a file of workers must be a mapping, not a list"),
      ("workers: [a]", "w1.yaml:1:10: workers must be a mapping of names, not a list"),
      (
        "worker: {}",
        "w1.yaml:1:1: unknown key 'worker' in a file of workers (did you mean 'workers'?)"
      ),
      (
        "workers: { A: { command: x } }",
        "w1.yaml:1:12: 'A' is not a valid name (lower-case letters, digits, - and _, at most 63, not starting with - or _)"
      ),
      ("workers: { a: x }", "w1.yaml:1:15: worker 'a' must be a mapping, not a single value"),
      (
        "workers: { a: { command: x }, a: { command: y } }",
        "w1.yaml:1:31: key 'a' is already at line 1, column 12"
      ),
    ])
  func files(text: String, problem: String) {
    #expect(ConfigurationFixture.load(workers: [text]).problems.map(\.description) == [problem])
  }

  @Test(
    "the supervisor's file is judged in these words",
    arguments: [
      (
        "workers: {}",
        "1:1: unknown key 'workers' in the supervisor's configuration (workers belong in a file of workers.d)"
      ),
      ("alerts: [x]", "1:9: alerts must be a mapping, not a list"),
      (
        "edge: { listen: 7480 }",
        "1:17: edge.listen: '7480' is not an address with a port (such as 127.0.0.1:7480)"
      ),
      (
        "prices: { cpu_hour: cheap }",
        "1:21: prices.cpu_hour: 'cheap' is not a price in USD (such as 0.031611; at most 12 decimals)"
      ),
      (
        "accounting: { sample_interval: 1ms }",
        "1:32: accounting.sample_interval: '1ms' is not between 100ms and 1h"
      ),
      (
        "accounting: { sample_interval: 10m, booking_interval: 5m }",
        "1:55: accounting.booking_interval: is shorter than sample_interval"
      ),
      (
        "budget: { timezone: Nowhere }",
        "1:21: budget.timezone: there is no time zone 'Nowhere' (names are such as Europe/Berlin)"
      ),
      (
        "thresholds: { min_runs: 0 }", "1:25: thresholds.min_runs: '0' is not between 1 and 1000000"
      ),
    ])
  func supervisor(text: String, problem: String) {
    #expect(
      ConfigurationFixture.load(supervisor: text).problems.map(\.description) == [
        "s.yaml:" + problem
      ])
  }

  @Test("an unknown requirement is named with its neighbour, over all files")
  func unknownRequirement() {
    let result = ConfigurationFixture.load(workers: [
      "workers: { redis: { command: x } }",
      "workers: { a: { command: x, requires: [redsi], after: [redis, nothing-like-it] } }",
    ])
    #expect(
      result.problems.map(\.description) == [
        "w2.yaml:1:40: requires: there is no worker 'redsi' (did you mean 'redis'?)",
        "w2.yaml:1:63: after: there is no worker 'nothing-like-it'",
      ])
  }

  @Test("a cycle over files and both keys is named in its order")
  func cycle() {
    let result = ConfigurationFixture.load(workers: [
      "workers: { a: { command: x, requires: [b] }, s: { command: x, after: [s] } }",
      "workers: { b: { command: x, after: [c] }, c: { command: x, requires: [a] }, d: { command: x, requires: [a, b] } }",
    ])
    #expect(
      result.problems.map(\.description) == [
        "w1.yaml:1:71: after: makes a cycle: s -> s",
        "w2.yaml:1:71: requires: makes a cycle: a -> b -> c -> a",
      ])
  }

  @Test("a chain as long as a fleet is no cycle, and one link back makes it one")
  func longChain() {
    var text = "workers:\n"
    for index in 0..<5000 {
      text += "  w\(index): { command: x\(index < 4999 ? ", requires: [w\(index + 1)]" : "") }\n"
    }
    #expect(ConfigurationFixture.load(workers: [text]).problems == [])
    let closed = ConfigurationFixture.load(workers: [
      text, "workers: { x: { command: x, after: [w0] } }",
    ])
    #expect(closed.problems == [])
    let cyclic = text.replacing("w4999: { command: x", with: "w4999: { command: x, after: [w0]")
    #expect(
      ConfigurationFixture.load(workers: [cyclic]).problems.map(\.message) == [
        "after: makes a cycle: w0 -> w1 -> w2 -> w3 -> w4 -> w5 -> w6 -> w7 -> w8 -> w9 -> … -> w4999 -> w0"
      ])
  }

  @Test("what is not said about counts follows from what is")
  func counts() throws {
    func spec(_ lines: String) throws -> WorkerSpec {
      let result = ConfigurationFixture.load(workers: ["workers: { a: { command: x, \(lines) } }"])
      return try #require(result.configuration?.workers.values.first)
    }
    #expect(try spec("instances: 20").maxInstances == 20)
    #expect(try spec("min_instances: 3").instances == 3)
    #expect(try spec("max_instances: 0").instances == 0)
    #expect(try spec("min_instances: 12").maxInstances == 12)
    #expect(try spec("mode: job").mode == .once)
    #expect(try spec("mode: job, interval: 30s").mode == .interval(.seconds(30)))
    #expect(try spec("backoff: { delay: 60s }").backoff.max == .seconds(60))
    #expect(try spec("security: { capabilities: [] }").security.capabilities == [])
    #expect(try spec("security: { capabilities: null }").security.capabilities == nil)
    #expect(try spec("limits: { memory: null }").limits.memoryBytes == nil)
    #expect(try spec("ready: { tcp: 80%i }").ready == .tcp("80%i"))
    #expect(try spec("ready: notify").ready == .notify)
  }
}
