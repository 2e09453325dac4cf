// The documents say what the programs do: every key, every name, every state, one version. Must never be satisfied by a
// list that is kept here alone where the sources can be asked.

import Testing

struct DocumentTests {
  /// The keys of supervisor.yaml and of a worker, as scripts and people write them.
  static let keys = [
    "autonomous", "decision", "mode", "budget", "daily", "timezone", "thresholds", "min_roi",
    "warn_roi",
    "scale_roi", "kill_roi", "scale_success_rate", "min_runs", "require_approval_above", "prices",
    "cpu_hour",
    "memory_gib_hour", "gpu_hour", "host_hour", "share_idle", "accounting", "sample_interval",
    "booking_interval", "retention", "backups", "edge", "listen", "token_file", "alerts",
    "workers", "command", "directory", "user", "group", "supplementary_groups", "umask", "nice",
    "oom_score_adj", "environment", "environment_file", "secrets", "autostart", "instances",
    "min_instances",
    "max_instances", "interval", "schedule", "ready", "notify", "log", "tcp", "http",
    "start_timeout",
    "stop_signal", "stop_timeout", "watchdog", "restart", "success_exit_codes", "backoff", "delay",
    "factor",
    "max", "jitter", "max_crashes", "crash_window", "cooldown", "max_cooldowns", "requires",
    "after", "health",
    "name", "exec", "period", "timeout", "threshold", "action", "limits", "memory", "memory_high",
    "cpu", "pids",
    "files", "io_weight", "security", "no_new_privileges", "network", "capabilities", "logs",
    "driver",
    "max_size", "keep", "total", "on_exceeded", "pause_mode", "soft", "economics", "revenue_window",
    "conversion_lag", "trust_reported_revenue", "expected_roi", "revenue_cap_per_run", "reserve",
    "credit_cycles", "success_evidence", "gateway", "unknown_model", "other_paths", "providers",
    "kind", "url", "key", "fallback", "requests_per_minute", "tokens_per_minute", "models",
    "concurrent", "cache", "egress",
  ]

  static let legacyNames = [
    "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "AUTONOMOUS_ENABLED", "MAX_DAILY_BUDGET",
    "MIN_ROI_THRESHOLD",
    "SCALE_ROI_THRESHOLD", "KILL_ROI_THRESHOLD", "REQUIRE_APPROVAL_ABOVE", "DECISION_MODE",
    "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRET", "GUMROAD_ACCESS_TOKEN", "SENDGRID_API_KEY", "TWITTER_BEARER_TOKEN",
    "TWITTER_API_KEY", "TWITTER_API_SECRET", "TWITTER_ACCESS_TOKEN", "TWITTER_ACCESS_TOKEN_SECRET",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION",
  ]

  @Test("the configuration reference names every key", arguments: keys)
  func reference(key: String) throws {
    let page = try #require(House.file("docs/reference/configuration.md"))
    #expect(page.text.contains("`\(key)`"), "a row for `\(key)`")
  }

  @Test(".env.example names every legacy variable and says what it does", arguments: legacyNames)
  func environment(name: String) throws {
    let lines = try #require(House.file(".env.example")).lines
    let at = try #require(
      lines.firstIndex { $0.hasPrefix("\(name)=") || $0.hasPrefix("# \(name)=") })
    #expect(
      at > 0 && lines[at - 1].hasPrefix("# "),
      "a line above \(name) says what it does and since when")
  }

  @Test("the metrics reference names every metric, and no other")
  func metrics() throws {
    let files = [
      "MetricsPage", "Supervisor+Metrics", "Supervisor+MoneyMetrics", "Supervisor+LoopMetrics",
      "Supervisor+CallMetrics",
    ]
    let sources = try files.map {
      try #require(House.file("Sources/NovaDaemon/API/\($0).swift")).text
    }
    let page = try #require(House.file("docs/reference/metrics.md"))
    let made = Set(Self.quoted(sources.joined(), by: "\"").filter { $0.hasPrefix("nova_") })
    let told = Set(Self.quoted(page.text, by: "`").filter { $0.hasPrefix("nova_") })
    #expect(made.count > 5)
    #expect(made == told)
  }

  /// What stands between two of that mark on one line.
  private static func quoted(_ text: String, by mark: Character) -> [String] {
    text.split(separator: "\n").flatMap { line in
      line.split(separator: mark, omittingEmptySubsequences: false).enumerated()
        .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
  }

  @Test("every state has its words in the reference")
  func states() throws {
    let source = try #require(House.file("Sources/NovaModel/State.swift")).lines
    let start = try #require(source.firstIndex { $0.hasPrefix("package enum State:") })
    let names = source[(start + 1)...].prefix { $0 != "}" }
      .flatMap { $0.split { " ,".contains($0) } }.filter { $0 != "case" }
    #expect(names.count > 10)
    let page = try #require(House.file("docs/reference/words.md"))
    for name in names { #expect(page.text.contains("`\(name)`"), "a row for the state `\(name)`") }
  }

  @Test("the programs, the package and the history agree on the version")
  func version() throws {
    let package = try #require(House.file("deploy/version")?.lines.first)
    let model = try #require(House.file("Sources/NovaModel/Version.swift"))
    #expect(model.text.contains("static let text = \"\(package)\""))
    let history = try #require(House.file("CHANGELOG.md"))
    #expect(history.text.contains("## [\(package)]"))
  }

  @Test("every room has its tests")
  func tested() throws {
    let manifest = try #require(House.file("Package.swift")).lines
    let text = manifest.joined(separator: " ")
    let rooms = Self.quoted(after: "room(", in: text)
    #expect(rooms.count >= 8)
    let tests = Set(Self.quoted(after: "tests(", in: text))
    for room in rooms { #expect(tests.contains(room + "Tests"), "\(room) has a test target") }
  }

  @Test("a link inside the documents leads somewhere")
  func links() throws {
    let pages =
      House.list("docs").filter { $0.hasSuffix(".md") } + [
        "README.md", "CONTRIBUTING.md", "SECURITY.md",
      ]
    #expect(pages.count > 5)
    for path in pages {
      let page = try #require(House.file(path))
      for target in Self.links(in: page.text)
      where !target.contains("://") && !target.hasPrefix("#") {
        let folder = path.split(separator: "/").dropLast().map(String.init)
        let resolved = Self.resolve(String(target.prefix { $0 != "#" }), from: folder)
        #expect(House.exists(resolved), "\(path): the link to \(target)")
      }
    }
  }

  /// The first string literal after each occurrence of `call` that is directly followed by one.
  static func quoted(after call: String, in text: String) -> [String] {
    pieces(of: text, between: call).compactMap { piece in
      let rest = piece.drop { $0 == " " }
      guard rest.first == "\"" else { return nil }
      return String(rest.dropFirst().prefix { $0 != "\"" })
    }
  }

  /// What follows each `](` up to `)`.
  static func links(in text: String) -> [String] {
    pieces(of: text, between: "](").map { String($0.prefix { $0 != ")" }) }
  }

  /// The text after each occurrence of `mark`.
  static func pieces(of text: String, between mark: String) -> [Substring] {
    var found: [Substring] = []
    var rest = text[...]
    while let range = rest.firstRange(of: mark) {
      rest = rest[range.upperBound...]
      found.append(rest.prefix(200))
    }
    return found
  }

  /// A relative link as a path from the top.
  static func resolve(_ target: String, from folder: [String]) -> String {
    var parts = folder
    for part in target.split(separator: "/") {
      if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(String(part)) }
    }
    return parts.joined(separator: "/")
  }
}
