// The documented files with every key, and short ways to load text. Must stay equal to docs/reference/configuration.md.

import NovaModel

@testable import NovaWire

enum ConfigurationFixture {
  static let supervisor = """
    autonomous: true
    decision: { mode: evidence }
    budget:   { daily: 12.50, timezone: Europe/Berlin, reinvest: 40%, hard_cap: 20 }
    attribution: time_decay
    thresholds:
      min_roi: 151
      warn_roi: 101%
      scale_roi: 301
      kill_roi: -1
      scale_success_rate: 81
      min_runs: 21
      require_approval_above: 51.00
    prices:   { cpu_hour: 0.031612, memory_gib_hour: 0.004238, gpu_hour: 0.96, host_hour: 1.5, share_idle: even }
    accounting: { sample_interval: 2s, booking_interval: 30s, retention: 30d }
    backups:  { interval: 12h, keep: 3 }
    edge:     { listen: "127.0.0.1:7480", token_file: /etc/nova/tokens }
    alerts:
      channels:
        ops: { kind: slack, url: "https://hooks.example", secret: SLACK_TOKEN, to: ["#ops"],
               interval: 2s, quiet_hours: "22:00-07:05", timezone: Europe/Berlin }
        host: { kind: journal }
      routes: [{ severity: critical, workers: [outreach], channels: [ops] }]
    gateway:
      listen: "127.0.0.1:7481"
      unknown_model: dearest
      other_paths: pass
      providers:
        anthropic: { kind: anthropic, url: "https://api.anthropic.com", key: ANTHROPIC_API_KEY, fallback: bedrock,
                     daily: 25.50, requests_per_minute: 600, tokens_per_minute: 400000, timeout: 9m }
        bedrock: { kind: anthropic, url: "https://bedrock.example/anthropic", key: BEDROCK_KEY }
        local: { kind: openai, url: "http://127.0.0.1:8000/v1", key: LOCAL_KEY }

    """

  static let workers = """
    workers:
      redis:
        command: redis-server --port 63%i
      outreach:
        command: ["/opt/agents/outreach", "--target=b2b", "--port=90%i"]
        directory: /opt/agents/%n
        user: nova-worker
        group: nova
        supplementary_groups: [video, 44]
        umask: 0027
        nice: -5
        oom_score_adj: 500
        environment: { LOG_LEVEL: info, PORT: 90%i, DEBUG: true, EMPTY: "" }
        environment_file: -/etc/nova/outreach.env
        secrets: [STRIPE_API_KEY]
        autostart: false
        instances: 3
        min_instances: 2
        max_instances: 4
        mode: job
        schedule: "*/5 * * * *"
        timezone: Europe/Berlin
        ready: { log: "listening on \\\\d+" }
        start_timeout: 61s
        stop_signal: SIGINT
        stop_timeout: 11s
        watchdog: 30s
        restart: on-failure
        success_exit_codes: [0, 3]
        backoff: { delay: 2s, factor: 1.5, max: 31s, jitter: 20% }
        max_crashes: 6
        crash_window: 11m
        cooldown: 6m
        max_cooldowns: -1
        requires: [redis]
        after: [redis]
        health:
          - { name: api, http: "http://127.0.0.1:90%i/health", period: 11s, timeout: 4s, threshold: 2, action: none }
          - { name: port, tcp: 90%i }
          - { name: probe, exec: ["/bin/true"] }
        limits: { memory: 512M, memory_high: 400M, cpu: 150%, pids: 256, files: 4096, io_weight: 100 }
        security: { no_new_privileges: false, network: gateway, capabilities: [NET_BIND_SERVICE, cap_chown] }
        logs: { driver: file, max_size: 10M, keep: 2 }
        budget: { daily: 10.00, total: 99, per_run: 2.5, on_exceeded: ask, pause_mode: after_run, soft: true }
        economics: { revenue_window: 8d, conversion_lag: 25h, trust_reported_revenue: false, expected_roi: 200,
                     revenue_cap_per_run: 5, reserve: { cpu: 50%, memory: 1G }, credit_cycles: 13, success_evidence: observed }
        gateway: { providers: [anthropic, local], models: ["claude-*"], requests_per_minute: 60, tokens_per_minute: 90000,
                   concurrent: 4, cache: 5m, egress: ["api.stripe.com:443"] }

    """

  /// A zone with one constant offset, which is all that the loader's tests need of one.
  static func zone(_ name: String) -> [UInt8]? {
    if name == "Broken/Zone" { return Array("TZif".utf8) }
    guard name == "Europe/Berlin" else { return nil }
    let header =
      Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15 + 16) + [0, 0, 0, 1, 0, 0, 0, 1]
    return header + [0, 0, 14, 16, 0, 0, 0] + header + [0, 0, 14, 16, 0, 0, 0]
      + Array("\nCET-1CEST,M3.5.0,M10.5.0/3\n".utf8)
  }

  static func load(
    supervisor: String? = nil, workers: [String] = [], overrides: [String: String] = [:]
  ) -> ConfigurationResult {
    ConfigurationLoader.load(
      ConfigurationSource(
        supervisor: supervisor.map { ConfigurationFile(path: "s.yaml", bytes: Array($0.utf8)) },
        workers: workers.enumerated().map { index, text in
          ConfigurationFile(path: "w\(index + 1).yaml", bytes: Array(text.utf8))
        }, overrides: overrides, zone: zone))
  }

  /// The problems of one worker `a` whose keys are these lines, in words, without the file's name.
  static func problems(worker lines: String) -> [String] {
    let text =
      "workers:\n  a:\n"
      + lines.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }
      .joined()
    return load(workers: [text]).problems.map { String("\($0)".dropFirst("w1.yaml:".count)) }
  }
}
