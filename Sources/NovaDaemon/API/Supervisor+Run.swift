// `POST /v1/run`: a command as a transient worker. Its file is judged by the loader and written before anything else is
// done; from then on it is a worker like any other, until a `stop`, or a `reset` once it is over, removes it.
// Must never touch a worker of the owner's files, nor take in what was edited there and not reloaded.

import NovaHTTP
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  // A process is there within milliseconds; a slot that is still being booked waits for the disk.
  private static let runPatience = Span.seconds(30)

  /// Starts a command, and answers with its first instance once its process is there or could not be made.
  func run(_ exchange: Exchange, _ request: RunRequest, by actor: Actor) throws(APIError) {
    guard (request.reason?.utf8.count ?? 0) <= 200 else {
      throw APIError(.tooLarge, "reason is longer than 200 bytes", field: "reason")
    }
    guard let name = WorkerName(request.name) else {
      // The loader says it in its words.
      throw Self.judge(request, at: "run").map(TransientWorker.refusal)
        ?? APIError(.badRequest, "there is no such name", field: "name")
    }
    if let instances = request.instances, instances < 1 {
      throw APIError(.badRequest, "instances must be at least 1", field: "instances")
    }
    let path = TransientFiles.path(of: name, in: options.transientDirectory)
    let file = ConfigurationFile(
      path: path, bytes: Array(TransientWorker.text(request).utf8))
    let judged = TransientWorker.load(file, named: name)
    guard let spec = judged.configuration?.workers[name] else {
      throw TransientWorker.refusal(judged.problems)
    }
    if draining { throw APIError(.unavailable, "the supervisor is stopping") }
    if !hasAdopted { throw APIError(.unavailable, "the supervisor is starting; try again") }
    try needFree(name)
    guard var next = configuration else {
      throw APIError(.unavailable, "the supervisor is starting; try again")
    }
    if request.dryRun == true {
      return answer(
        exchange,
        WorkerRow(
          name: name.text, instance: 1, state: State.stopped.rawValue, reason: "none", crashes: 0,
          maxCrashes: spec.crashLimit.maxCrashes, restartsTotal: 0))
    }
    do {
      try TransientFiles.write(file)
    } catch {
      throw APIError(.failed, error.message)
    }
    let before = fleet.instance(InstanceID(worker: name, number: 1))?.incarnation
    users.forget()
    next.workers[name] = spec
    configuration = next
    let note = request.reason.map(CleanText.forTerminal)
    post(.configured(next, by: actor))
    if fleet.worker(name)?.paused == true {
      post(.requested(Request(.resume, [.worker(name)], actor: actor, note: note)))
    }
    post(.requested(Request(.start, [.worker(name)], actor: actor, note: note)))
    answer(exchange, runOf: InstanceID(worker: name, number: 1), after: before)
  }

  private static func judge(_ request: RunRequest, at path: String) -> [Problem]? {
    let problems = ConfigurationLoader.load(
      ConfigurationSource(
        supervisor: nil,
        workers: [.init(path: path, bytes: Array(TransientWorker.text(request).utf8))],
        zone: { _ in nil })
    ).problems
    return problems.isEmpty ? nil : problems
  }

  private func answer(_ exchange: Exchange, runOf id: InstanceID, after before: Incarnation?) {
    wait(exchange, until: Clock.now().instant + Self.runPatience) { [self] now, late in
      let view = fleet.instance(id)
      let isThere =
        view.map { $0.incarnation != before && ($0.pid != nil || $0.state != .starting) } ?? false
      guard isThere || late else { return nil }
      let gone = WorkerRow(
        name: id.worker.text, instance: id.number, state: State.stopped.rawValue, reason: "none",
        crashes: 0, maxCrashes: 0, restartsTotal: 0)
      return APICoding.encode(row(of: id, at: now) ?? gone)
    }
  }

  /// Nobody has the name, or a transient worker that is over.
  private func needFree(_ name: WorkerName) throws(APIError) {
    if let spec = configuration?.workers[name], !isTransient(name) {
      throw APIError(
        .preconditionFailed, "\(name) is defined at \(spec.origin) (choose another name)",
        field: "name")
    }
    guard fleet.worker(name) != nil else { return }
    guard configuration?.workers[name] != nil else {
      throw APIError(
        .preconditionFailed, "a worker \(name) is being removed (try again when it is gone)",
        field: "name")
    }
    guard isOver(name) else {
      throw APIError(
        .preconditionFailed,
        "\(name) is there already (novasup stop \(name) removes it)", field: "name")
    }
  }

  /// Whether a worker was made by `run`.
  func isTransient(_ name: WorkerName) -> Bool {
    configuration?.workers[name]?.origin.hasPrefix(
      TransientFiles.path(of: name, in: options.transientDirectory) + ":") ?? false
  }

  /// Nothing of the worker lives, and nothing will without somebody who starts it.
  func isOver(_ name: WorkerName) -> Bool {
    fleet.instances(of: name).allSatisfy { isOver($0) }
  }

  /// The same of one instance.
  func isOver(_ view: InstanceView) -> Bool {
    guard view.pid == nil else { return false }
    switch view.state {
    case .completed, .failed, .lost: return true
    case .stopped: return !view.wanted
    default: return false
    }
  }

  // MARK: The end

  /// Removes the files of the transient workers that an order ends: every one that is stopped as a whole, and one that
  /// is over and reset.
  func dropTransient(
    for action: ActionVerb, _ targets: [Request.Target]
  ) throws(APIError) -> Set<WorkerName> {
    guard action == .stop || action == .reset else { return [] }
    var leaving: Set<WorkerName> = []
    for case .worker(let name) in targets where isTransient(name) {
      guard action == .stop || isOver(name) else { continue }
      do {
        try TransientFiles.remove(TransientFiles.path(of: name, in: options.transientDirectory))
      } catch {
        throw APIError(.failed, error.message)
      }
      leaving.insert(name)
    }
    return leaving
  }

  /// Takes those workers out of the configuration: they leave the fleet once nothing of them lives.
  func leave(_ names: Set<WorkerName>, by actor: Actor) {
    guard !names.isEmpty, var next = configuration else { return }
    for name in names { next.workers[name] = nil }
    configuration = next
    post(.configured(next, by: actor))
  }

  /// The owner's files win: transient files of the same names go, and it is said once, as they are gone then.
  func dropOverridden(_ files: ConfigurationFiles, _ next: Configuration) {
    for overridden in files.overridden(in: next) {
      do {
        try TransientFiles.remove(overridden.path)
      } catch {
        trouble(error.message)
      }
      history.record(
        EventRecord(
          at: Clock.now().wall, type: "worker.transient_replaced", severity: .warning,
          worker: overridden.worker, message: sentence(overridden)))
    }
  }

  func sentence(_ overridden: TransientFiles.Overridden) -> String {
    "\(overridden.worker) is defined at \(overridden.origin): that replaces the transient worker of the same name"
  }
}
