// The pages that only read: rows, one worker, processes, the whole system, health.
// Must never look into the process table for a page that is asked often.

import Glibc
import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  var ownPID: Int32 { getpid() }

  func builder(at now: Moment) -> RowBuilder {
    RowBuilder(
      now: now, rate: { [self] in hourlyRate(of: $0) },
      account: { [self] in account(of: $0, $1, at: now.instant) })
  }

  /// One row as of `now`.
  func row(of id: InstanceID, at now: Moment) -> WorkerRow? {
    guard let view = fleet.instance(id) else { return nil }
    return builder(at: now).row(
      view, spec: fleet.worker(id.worker)?.spec, life: lives[id], failure: failures[id])
  }

  /// `GET /v1/workers/NAME` or `NAME@N`.
  func detail(_ text: String) throws(APIError) -> WorkerDetail {
    let target = try resolve([text])
    guard target.count == 1, let one = target.first else {
      throw APIError(.badRequest, "name one worker", field: "target")
    }
    let ids = instances(of: one)
    let name: WorkerName =
      switch one {
      case .worker(let name): name
      case .instance(let id): id.worker
      }
    guard let worker = fleet.worker(name) else { throw unknown(text) }
    let now = Clock.now()
    var detail = WorkerDetail(
      name: name.text, origin: worker.spec.origin, spec: summary(of: worker.spec),
      instancesWanted: worker.count, instancesConfigured: worker.fileCount)
    detail.wanted = worker.wanted
    detail.paused = worker.paused
    detail.pauseReason = worker.pauseReason
    detail.pinned = worker.pinned
    detail.budgetLeftUSD = budgetLeft(of: name)?.decimal
    detail.lastDecision = engine.latest[name].map {
      "\($0.id): \($0.action), \($0.state.rawValue), \($0.at.rfc3339)"
    }
    detail.outlook = inputs(of: name).map {
      DecisionPages.outlook($0, engine.economy.accounts[name]?.evidence)
    }
    detail.models = models(of: worker.spec, at: now)
    for id in ids {
      guard let row = row(of: id, at: now) else { continue }
      var instance = InstanceDetail(row: row)
      let life = lives[id]
      instance.cgroupPath = life?.group?.path
      instance.health = (life?.health?.states ?? []).map(healthRow)
      instance.lastLines = lastLines(of: id, count: 10)
      detail.instances.append(instance)
      detail.nextRunAt = detail.nextRunAt ?? row.nextRunAt
      for limit in life?.unenforced ?? [] where !detail.limitsNotEnforced.contains(limit) {
        detail.limitsNotEnforced.append(limit)
      }
    }
    return detail
  }

  private func summary(of spec: WorkerSpec) -> SpecSummary {
    let command: [String] =
      switch spec.command {
      case .arguments(let list): list
      case .shell(let text): ["/bin/sh", "-c", text]
      }
    var summary = SpecSummary(command: command, mode: modeText(spec.mode))
    summary.directory = spec.directory
    var cache = users
    summary.user = try? cache.identity(of: spec, warn: { _ in }).name
    summary.autostart = spec.autostart
    summary.minInstances = spec.minInstances
    summary.maxInstances = spec.maxInstances
    summary.restart = spec.restart.rawValue
    summary.ready = readyText(spec.ready)
    summary.stopSignal = SignalName.name(spec.stopSignal)
    summary.stopTimeoutSeconds = Double(spec.stopTimeout.wholeMilliseconds) / 1000
    summary.maxCrashes = spec.crashLimit.maxCrashes
    summary.crashWindowSeconds = Double(spec.crashLimit.window.wholeMilliseconds) / 1000
    summary.cooldownSeconds = Double(spec.crashLimit.cooldown.wholeMilliseconds) / 1000
    summary.maxCooldowns = spec.crashLimit.maxCooldowns
    summary.requires = spec.requires.map(\.text)
    summary.after = spec.after.map(\.text)
    summary.limits.memoryBytes = spec.limits.memoryBytes
    summary.limits.memoryHighBytes = spec.limits.memoryHighBytes
    summary.limits.cpuPercent = spec.limits.cpuPercent
    summary.limits.pids = spec.limits.pids
    summary.limits.files = spec.limits.files
    summary.limits.ioWeight = spec.limits.ioWeight
    summary.logDriver = logDriver(for: spec).rawValue
    summary.environmentNames = spec.environment.keys.sorted()
    summary.secretNames = spec.secrets.sorted()
    return summary
  }

  private func modeText(_ mode: WorkerSpec.Mode) -> String {
    switch mode {
    case .service: "service"
    case .once: "once"
    case .interval(let span): "every " + DurationText.print(span)
    case .schedule(let cron, let zone): cron.text + (zone == "UTC" ? "" : " \(zone)")
    }
  }

  private func readyText(_ ready: WorkerSpec.Readiness) -> String {
    switch ready {
    case .none: "none"
    case .notify: "notify"
    case .log(let pattern): "log: \(pattern)"
    case .tcp(let port): "tcp: \(port)"
    case .http(let url): "http: \(url)"
    }
  }

  /// `GET /v1/workers/NAME/processes`.
  func processes(_ text: String) throws(APIError) -> NovaWire.ProcessTree {
    let ids = try instances(matching: [text])
    return NovaWire.ProcessTree(
      name: text,
      instances: ids.map { id in
        NovaWire.ProcessTree.Instance(
          instance: id.number,
          processes: NovaLinux.ProcessTree.of(
            (try? lives[id]?.group?.processes()) ?? [], commandLines: true
          ).map {
            .init(
              pid: $0.pid, ppid: $0.parent, command: $0.commandLine ?? "[\($0.command)]",
              memoryBytes: $0.residentBytes,
              threads: $0.threads)
          })
      })
  }

  /// `GET /v1/status`.
  func systemStatus() -> SystemStatus {
    let now = Clock.now()
    let tally = fleet.tally.all
    var status = SystemStatus(
      version: Version.text, pid: ownPID, since: started.wall.rfc3339,
      uptimeSeconds: (now.instant - started.instant).wholeSeconds,
      host: .init(
        cgroupVersion: tree == nil ? 0 : (hello?.controllers.isEmpty ?? true) ? 1 : 2,
        controllers: hello?.controllers ?? [], notes: hostNotes),
      workers: fleet.workerNames.count, instances: tally.values.reduce(0, +),
      ledger: ledgerTrouble ?? "ok")
    for (state, count) in tally { status.instancesByState.values[state.rawValue] = count }
    let today = sumsToday(now.wall)
    status.costTodayUSD = today.cost.decimal
    status.revenueTodayUSD = today.netRevenue.decimal
    addBudget(to: &status, at: now.wall)
    addModels(to: &status, at: now)
    status.pendingApprovals = pendingApprovals
    status.configGeneration = configurationGeneration
    status.configAcceptedAt = configurationAccepted?.rfc3339
    status.phase = draining ? "draining" : hasAdopted ? "running" : "starting"
    status.warnings = warnings
    return status
  }

  /// `GET /v1/health`.
  func health(_ query: TargetsQuery) throws(APIError) -> HealthReport {
    let now = Clock.now()
    var report = HealthReport(healthy: true)
    for id in try instances(matching: query.targets.isEmpty ? ["*"] : query.targets) {
      guard let view = fleet.instance(id), let worker = fleet.worker(id.worker) else { continue }
      let life = lives[id]
      let states = life?.health?.states ?? []
      let running = view.pid != nil
      var row = HealthReport.Row(
        name: id.worker.text, instance: id.number, state: view.state.rawValue, running: running,
        healthy: nil)
      row.checks = states.map(healthRow)
      if !states.isEmpty { row.healthy = states.allSatisfy(\.isUp) }
      if worker.spec.watchdog > .zero {
        row.watchdogSeconds = Double(worker.spec.watchdog.wholeMilliseconds) / 1000
        if let last = life?.lastHeartbeat ?? life?.startedAt, running {
          let age = now.instant - last
          row.heartbeatAgeSeconds = Double(age.wholeMilliseconds) / 1000
          row.stale = age > worker.spec.watchdog
        }
      }
      let atRest = view.state == .waiting || view.state == .completed
      if view.wanted, !running, !atRest {
        row.healthy = false
        row.message =
          builder(at: now).row(
            view, spec: worker.spec, life: life, failure: failures[id]
          ).why
      } else if row.stale {
        row.healthy = false
        row.message = "no heartbeat"
      }
      if row.healthy == false { report.healthy = false }
      report.instances.append(row)
    }
    return report
  }

  func healthRow(_ state: HealthState) -> HealthCheckRow {
    HealthCheckRow(
      name: state.name,
      passing: state.lastLook == nil ? nil : state.isUp,
      failures: state.failures,
      threshold: state.threshold, message: state.lastError,
      checkedAt: state.lastLook?.rfc3339)
  }
}
