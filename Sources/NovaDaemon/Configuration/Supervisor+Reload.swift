// A new configuration: read, judged whole, compared, and only then handed to the fleet. A bad one changes nothing.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// `POST /v1/reload`.
  func reload(_ exchange: Exchange, _ request: ReloadRequest, by actor: Actor) throws(APIError) {
    let response = reload(dryRun: request.dryRun ?? false, by: actor)
    respondDurably(exchange, body: APICoding.encode(response))
  }

  /// Reads the directory again and takes the difference, or only says it.
  func reload(dryRun: Bool, by actor: Actor) -> ReloadResponse {
    if !dryRun {
      service.notify("RELOADING=1", "MONOTONIC_USEC=\(Clock.now().instant.nanoseconds / 1000)")
    }
    defer { if !dryRun { service.notify("READY=1") } }
    let files: ConfigurationFiles
    do {
      files = try ConfigurationFiles.read(
        options.configuration, transient: options.transientDirectory)
    } catch {
      return refused([error.message], actor, dryRun)
    }
    let result = files.load(processEnvironment: processEnvironment)
    guard let next = result.configuration else {
      return refused(result.problems.map(\.description), actor, dryRun)
    }
    var response = ReloadResponse(applied: !dryRun, changes: fleet.plan(for: next).map(change))
    if let old = configuration?.settings, old != next.settings {
      response.changes.insert(
        .init(worker: "supervisor.yaml", change: .updated, fields: ["settings"]), at: 0)
    }
    response.warnings = result.warnings.map(\.description)
    response.warnings += files.overridden(in: next).map(sentence)
    guard !dryRun else {
      response.configGeneration = configurationGeneration
      return response
    }
    users.forget()
    accept(next, files, warnings: result.warnings, generation: nil)
    post(.configured(next, by: actor))
    history.record(
      EventRecord(
        at: Clock.now().wall, type: "config.reloaded", severity: .notice, actor: actor.text,
        message: response.changes.isEmpty
          ? "configuration reloaded, nothing changed"
          : "configuration reloaded: "
            + response.changes.map { "\($0.worker) \($0.change.rawValue)" }.joined(separator: ", "))
    )
    response.configGeneration = configurationGeneration
    return response
  }

  private func refused(_ problems: [String], _ actor: Actor, _ dryRun: Bool) -> ReloadResponse {
    if !dryRun {
      history.record(
        EventRecord(
          at: Clock.now().wall, type: "config.refused", severity: .warning, actor: actor.text,
          message: "configuration refused, nothing changed: \(problems.first ?? "")",
          details: ["problems": String(problems.count)]))
    }
    return ReloadResponse(applied: false, problems: problems)
  }

  private func change(_ change: Change) -> ReloadResponse.Change {
    let name = change.worker.text
    switch change.kind {
    case .added: return .init(worker: name, change: .added)
    case .removed: return .init(worker: name, change: .removed)
    case .restarted(let fields): return .init(worker: name, change: .restarted, fields: fields)
    case .updated(let fields): return .init(worker: name, change: .updated, fields: fields)
    case .rescaled(let from, let to):
      return .init(
        worker: name, change: .rescaled, fields: ["instances"], message: "\(from) to \(to)")
    }
  }

  /// Keeps an accepted configuration: in force, and in the database for a brain that cannot read the files.
  func accept(
    _ next: Configuration, _ files: ConfigurationFiles, warnings found: [Problem],
    generation state: DurableState?
  ) {
    let now = Clock.now().wall
    configuration = next
    credentials.environment = files.environment
    warnings = found.map(\.description)
    noteHost()
    dropOverridden(files, next)
    let stored = [files.supervisor].compactMap { $0 } + files.workers
    if let old = state?.configuration, old.files == stored {
      configurationGeneration = old.generation
      configurationAccepted = old.accepted
    } else {
      configurationGeneration = (state?.configuration?.generation ?? configurationGeneration) + 1
      configurationAccepted = now
      writes.append(.configuration(stored, at: now))
    }
    adopt(prices: next.settings.prices, at: now)
    if desk.isOpen {
      configureBudgets()
      budgetTick()
      lookAtReinvestment()
    }
  }

  /// What this host cannot do, said once.
  func noteHost() {
    guard let hello else { return }
    hostNotes = []
    if hello.cgroupRoot == nil {
      hostNotes.append(
        "no writable cgroup: sessions take its place, pause is refused, readings are estimated")
    } else {
      let missing = ["cpu", "memory", "pids", "io"].filter { !hello.controllers.contains($0) }
      if missing.contains("memory") {
        hostNotes.append(
          "no memory controller: limits.memory is enforced from readings, memory is estimated")
      }
      let others = missing.filter { $0 != "memory" }
      if !others.isEmpty {
        hostNotes.append(
          "no \(others.joined(separator: ", ")) controller: those limits are not enforced")
      }
    }
  }
}
