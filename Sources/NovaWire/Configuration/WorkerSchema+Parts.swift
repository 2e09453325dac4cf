// The mappings inside a worker: readiness, health checks, limits, security, logs, money.
// Must never know a default: those are NovaModel's.

import NovaModel

extension WorkerSchema {
  private enum ReadyWord: String, CaseIterable { case none, notify }
  private enum Evidence: String, CaseIterable { case test, observed }

  static func readiness(_ top: Section, _ spec: inout WorkerSpec, _ judge: inout Judge) {
    guard let node = top["ready"] else { return }
    guard case .mapping = node.content else {
      var word = ReadyWord.none
      judge.read(top, "ready", into: &word, .choice)
      spec.ready = word == .notify ? .notify : .none
      return
    }
    guard let section = judge.section(top, "ready", keys: ["http", "log", "tcp"]),
      judge.exactlyOne(section, of: ["log", "tcp", "http"])
    else { return }
    var text = ""
    if judge.read(section, "log", into: &text, .nonEmpty) != nil {
      spec.ready = .log(text)
      if let problem = judge.patternProblem(text) {
        judge.refuse(section["log"] ?? section.node, "ready.log: \(problem)")
      }
    } else if judge.read(section, "tcp", into: &text, .port(for: spec)) != nil {
      spec.ready = .tcp(text)
    } else if judge.read(section, "http", into: &text, .url) != nil {
      spec.ready = .http(text)
    }
  }

  static func health(_ top: Section, _ spec: inout WorkerSpec, _ judge: inout Judge) {
    guard let node = top["health"] else { return }
    guard case .sequence(let items) = node.content else {
      judge.refuse(node, "health: must be a list, not \(node.shape)")
      return
    }
    let keys = ["action", "exec", "http", "name", "period", "tcp", "threshold", "timeout"]
    var names: Set<String> = []
    for (index, item) in items.enumerated() {
      let prefix = "health[\(index + 1)]"
      guard
        let section = judge.section(
          item, prefix, prefix: prefix + ".", schema: "workers.*.health.", keys: keys)
      else { continue }
      var name = ""
      if section["name"] == nil { judge.refuse(item, "\(prefix) has no name") }
      if judge.read(section, "name", into: &name, .checkName) != nil, !names.insert(name).inserted {
        judge.refuse(section["name"] ?? item, "\(prefix).name: '\(name)' is there twice")
      }
      guard judge.exactlyOne(section, of: ["http", "tcp", "exec"]) else { continue }
      var text = ""
      var command = WorkerSpec.Command.arguments([])
      var probe: WorkerSpec.HealthCheck.Probe?
      if judge.read(section, "http", into: &text, .url) != nil { probe = .http(text) }
      if judge.read(section, "tcp", into: &text, .port(for: spec)) != nil { probe = .tcp(text) }
      if judge.read(section, "exec", into: &command, .command) != nil { probe = .exec(command) }
      guard let probe else { continue }
      var check = WorkerSpec.HealthCheck(name: name, probe: probe)
      judge.read(section, "period", into: &check.period, .positiveDuration)
      judge.read(section, "timeout", into: &check.timeout, .positiveDuration)
      judge.read(section, "threshold", into: &check.threshold, .whole(1...1000))
      judge.read(section, "action", into: &check.action, .choice)
      spec.health.append(check)
    }
  }

  static func limits(_ top: Section, _ limits: inout WorkerSpec.Limits, _ judge: inout Judge) {
    let keys = ["cpu", "files", "io_weight", "memory", "memory_high", "pids"]
    guard let section = judge.section(top, "limits", keys: keys) else { return }
    // Below 1 MiB not even a shell starts.
    judge.read(section, "memory", into: &limits.memoryBytes, .size(atLeast: 1 << 20))
    judge.read(section, "memory_high", into: &limits.memoryHighBytes, .size(atLeast: 1 << 20))
    if let high = limits.memoryHighBytes, let most = limits.memoryBytes, high > most {
      judge.refuse(
        section["memory_high"] ?? section.node, "limits.memory_high: is above limits.memory")
    }
    judge.read(section, "cpu", into: &limits.cpuPercent, .percent(1...1_000_000))
    // PID_MAX_LIMIT and the kernel's highest fs.nr_open.
    judge.read(section, "pids", into: &limits.pids, .whole(1...4_194_304))
    judge.read(section, "files", into: &limits.files, .whole(8...1_073_741_816))
    judge.read(section, "io_weight", into: &limits.ioWeight, .whole(1...10_000))
  }

  static func security(
    _ top: Section, _ security: inout WorkerSpec.Security, _ judge: inout Judge
  ) {
    let keys = ["capabilities", "network", "no_new_privileges"]
    guard let section = judge.section(top, "security", keys: keys) else { return }
    judge.read(section, "no_new_privileges", into: &security.noNewPrivileges, .boolean)
    judge.read(section, "network", into: &security.network, .choice)
    judge.read(section, "capabilities", into: &security.capabilities, .list(.capability))
  }

  static func logs(_ top: Section, _ logs: inout WorkerSpec.Logs, _ judge: inout Judge) {
    guard let section = judge.section(top, "logs", keys: ["driver", "keep", "max_size"]) else {
      return
    }
    judge.read(section, "driver", into: &logs.driver, .choice)
    judge.read(section, "max_size", into: &logs.maxSizeBytes, .size(atLeast: 64 << 10))
    judge.read(section, "keep", into: &logs.keep, .whole(0...1000))
  }

  static func budget(_ top: Section, _ budget: inout WorkerBudget, _ judge: inout Judge) {
    let keys = ["daily", "on_exceeded", "pause_mode", "per_run", "soft", "total"]
    guard let section = judge.section(top, "budget", keys: keys) else { return }
    judge.read(section, "daily", into: &budget.daily, .money)
    judge.read(section, "total", into: &budget.total, .money)
    judge.read(section, "per_run", into: &budget.perRun, .money)
    judge.read(section, "on_exceeded", into: &budget.onExceeded, .choice)
    judge.read(section, "pause_mode", into: &budget.pauseMode, .choice)
    judge.read(section, "soft", into: &budget.soft, .boolean)
  }

  static func economics(_ top: Section, _ own: inout EconomicsSpec, _ judge: inout Judge) {
    let keys = [
      "arm_of", "conversion_lag", "credit_cycles", "expected_roi", "products", "reserve",
      "revenue_cap_per_run",
      "revenue_window", "success_evidence", "trust_reported_revenue",
    ]
    guard let section = judge.section(top, "economics", keys: keys) else { return }
    judge.read(section, "revenue_window", into: &own.revenueWindow, .positiveDuration)
    judge.read(section, "conversion_lag", into: &own.conversionLag, .duration())
    judge.read(section, "trust_reported_revenue", into: &own.trustReportedRevenue, .boolean)
    judge.read(section, "expected_roi", into: &own.expectedROIPercent, .percent(-100...100_000))
    judge.read(section, "revenue_cap_per_run", into: &own.revenueCapPerRun, .money)
    judge.read(section, "credit_cycles", into: &own.creditCycles, .whole(0...100_000))
    judge.read(section, "arm_of", into: &own.armOf, .workerName)
    judge.read(section, "products", into: &own.products, .list(.product))
    var evidence = Evidence.test
    if judge.read(section, "success_evidence", into: &evidence, .choice) != nil {
      own.successEvidence = evidence.rawValue
    }
    if let reserve = judge.section(section, "reserve", keys: ["cpu", "gpus", "memory"]) {
      judge.read(reserve, "cpu", into: &own.reserveCPUPercent, .percent(0...1_000_000))
      judge.read(reserve, "gpus", into: &own.reserveGPUs, .whole(0...64))
      judge.read(reserve, "memory", into: &own.reserveMemoryBytes, .size(atLeast: 0))
    }
  }
}

extension Judge {
  /// Whether exactly one of some keys is there; a problem otherwise.
  mutating func exactlyOne(_ section: Section, of keys: [String]) -> Bool {
    let there = keys.filter { section[$0] != nil }
    if there.count == 1 { return true }
    let owner = section.prefix.dropLast()
    let list = keys.dropLast().joined(separator: ", ") + " and " + (keys.last ?? "")
    refuse(section.node, "\(owner) needs exactly one of \(list)")
    return false
  }
}

extension Kind where Value == String {
  /// `SOURCE:PRODUCT`, such as `stripe:price_1abc`.
  static var product: Kind {
    text.checked { (text) throws(Refusal) in
      let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard halves.count == 2, !halves[0].isEmpty, !halves[1].isEmpty, text.utf8.count <= 265 else {
        throw Refusal("\(quoted(text)) is no product (write SOURCE:ID, such as stripe:price_1abc)")
      }
    }
  }
}
