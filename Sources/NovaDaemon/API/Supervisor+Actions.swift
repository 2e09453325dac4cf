// `POST /v1/actions`: resolve every name, check what must hold, then post one request to the fleet and answer when it
// is true. Must never do a part of an order one of whose targets does not exist.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  // pebble's "okay" delay: a service without readiness has started when it has lived that long.
  static let okayDelay = Span.seconds(1)

  /// Carries out an order.
  func act(
    _ exchange: Exchange, _ request: ActionRequest, by actor: Actor
  ) throws(APIError) {
    guard request.targets.count <= 1000 else {
      throw APIError(.tooLarge, "more than 1000 targets", field: "targets")
    }
    guard (request.reason?.utf8.count ?? 0) <= 200 else {
      throw APIError(.tooLarge, "reason is longer than 200 bytes", field: "reason")
    }
    if draining { throw APIError(.unavailable, "the supervisor is stopping") }
    if !hasAdopted { throw APIError(.unavailable, "the supervisor is starting; try again") }
    try needMatch(exchange, request)
    if request.action == .scale { return try scale(exchange, request, by: actor) }
    let targets = try resolve(request.targets)
    let action = try fleetAction(request)
    let ids = targets.flatMap(instances(of:))
    if request.action == .kill { try needRunning(ids, request) }
    if request.action == .deploy { try needCandidates(targets) }
    try needBudget(request.action, targets)
    let also = affected(by: request, targets)
    if request.dryRun == true {
      return answer(exchange, preview(request, ids, also))
    }
    let expectation = Expectation(
      action: request.action, signalled: request.signal != nil,
      before: Dictionary(uniqueKeysWithValues: ids.map { ($0, fleet.instance($0)) }),
      since: Clock.now().instant, errnoText: SystemError.text(of:))
    let leaving = try dropTransient(for: request.action, targets)
    post(
      .requested(
        Request(action, targets, actor: actor, note: request.reason.map(CleanText.forTerminal))))
    leave(leaving, by: actor)
    respond(exchange, request, ids: ids, empty: empty(targets, request), also: also) { [self] id in
      if leaving.contains(id.worker) {
        return fleet.instance(id) == nil ? .done(changed: true) : .pending
      }
      return expectation.outcome(
        of: id, view: fleet.instance(id), isUp: isUp(id), refusal: lives[id]?.freezeRefusal,
        blocked: blocked(id))
    }
  }

  /// Waits for every target's outcome, or answers with what is so after this turn.
  private func respond(
    _ exchange: Exchange, _ request: ActionRequest, ids: [InstanceID], empty: [ActionResult],
    also: [String],
    outcome: @escaping (InstanceID) -> Outcome
  ) {
    let now = Clock.now().instant
    let patience = Span.milliseconds(
      Int64((request.waitTimeoutSeconds ?? 300).clamped(to: 0...86_400) * 1000))
    let deadline = request.wait == false ? now : now + patience
    wait(exchange, until: deadline, recheck: now + Self.okayDelay + .milliseconds(1)) {
      [self] _, late in
      var outcomes = ids.map { ($0, outcome($0)) }
      if request.rolling == true, outcomes.contains(where: { $0.1.isFailure }) {
        // It goes no further than one that did not come up: nobody need wait for the others.
        outcomes = outcomes.map {
          $0.1 == .pending ? ($0.0, .refused("not restarted: another did not come up")) : $0
        }
      }
      let pending = outcomes.contains { $0.1 == .pending }
      guard !pending || late || request.wait == false else { return nil }
      var response = ActionResponse(
        action: request.action, results: outcomes.map { result(of: $0.0, $0.1, request) } + empty)
      response.alsoAffected = also
      response.timedOut = pending && request.wait != false
      return APICoding.encode(response)
    }
  }

  /// Workers with no instance: an order to start them changes nothing, and says why.
  private func empty(_ targets: [Request.Target], _ request: ActionRequest) -> [ActionResult] {
    guard [.start, .restart, .deploy].contains(request.action) else { return [] }
    return targets.compactMap { target in
      guard case .worker(let name) = target, fleet.worker(name)?.count == 0 else { return nil }
      return ActionResult(
        target: name.text, ok: true, changed: false, state: "stopped",
        message: "it has 0 instances (novasup scale \(name)=1)")
    }
  }

  private func result(of id: InstanceID, _ outcome: Outcome, _ request: ActionRequest)
    -> ActionResult
  {
    let view = fleet.instance(id)
    var result = ActionResult(
      target: id.description, ok: true, changed: true, state: view?.state.rawValue ?? "stopped")
    switch outcome {
    case .done(let changed):
      result.changed = changed
      if view == nil { result.message = "removed" }
      if request.action == .pause, let view, view.pid == nil, view.state != .paused {
        result.message = "nothing runs; the pause is kept and holds its next start"
      }
    case .pending:
      result.ok = request.wait == false
      if !result.ok {
        result.code = .timedOut
        result.message = "still \(view?.state.rawValue ?? "unknown"); it goes on"
      }
    case .refused(let sentence):
      result.ok = false
      result.code = .preconditionFailed
      result.message = sentence
    case .failed(let sentence):
      result.ok = false
      result.code = .failed
      result.message = sentence
      describeFailure(of: id, view, in: &result)
    }
    return result
  }

  /// Stage, errno, exit and the last lines: what a person needs to mend it.
  private func describeFailure(
    of id: InstanceID, _ view: InstanceView?, in result: inout ActionResult
  ) {
    guard let view else { return }
    if case .execFailed(let stage, let number) = view.reason {
      result.stage = stage.rawValue
      result.errno = number
      result.message = failures[id] ?? "\(stage.rawValue): \(SystemError.text(of: number))"
      return
    }
    switch view.lastExit?.status {
    case .exited(let code): result.exitCode = code
    case .signaled(let number, _): result.signal = number
    case .unknown, nil: break
    }
    result.lastLines = lastLines(of: id, count: 10)
  }

  private func fleetAction(_ request: ActionRequest) throws(APIError) -> Request.Action {
    switch request.action {
    case .start: return .start
    case .stop: return .stop(timeout: try stopTimeout(request))
    case .restart:
      return .restart(rolling: request.rolling ?? false, timeout: try stopTimeout(request))
    case .kill:
      var number: Int32?
      if let text = request.signal {
        guard let parsed = SignalName.number(text) else {
          throw APIError(
            .badRequest, "there is no signal '\(CleanText.forTerminal(text))'", field: "signal")
        }
        number = parsed
      }
      return .kill(
        signal: number, allProcesses: request.allProcesses ?? false,
        restart: !(request.noRestart ?? false))
    case .pause: return .pause
    case .resume: return .resume
    case .reset: return .reset
    case .deploy: return .deploy
    case .scale: throw APIError(.internal, "scale is handled elsewhere")
    }
  }

  private func stopTimeout(_ request: ActionRequest) throws(APIError) -> Span? {
    guard let seconds = request.timeoutSeconds else { return nil }
    guard (0...86_400).contains(seconds) else {
      throw APIError(.badRequest, "timeout_seconds must be 0 to 86400", field: "timeout_seconds")
    }
    return .milliseconds(Int64(seconds * 1000))
  }

  private func needRunning(_ ids: [InstanceID], _ request: ActionRequest) throws(APIError) {
    let live = ids.filter { fleet.instance($0)?.pid != nil }
    guard live.isEmpty else { return }
    throw APIError(
      .notRunning, "\(request.targets.joined(separator: ", ")) does not run", field: "targets")
  }

  private func needCandidates(_ targets: [Request.Target]) throws(APIError) {
    for target in targets {
      guard case .worker(let name) = target, let worker = fleet.worker(name) else {
        throw APIError(.badRequest, "deploy takes whole workers", field: "targets")
      }
      guard !worker.spec.autostart else {
        throw APIError(
          .preconditionFailed, "\(name) is no candidate: it has autostart: true", field: "targets")
      }
    }
  }

  private func affected(by request: ActionRequest, _ targets: [Request.Target]) -> [String] {
    switch request.action {
    case .start, .deploy: return fleet.pulled(by: targets).map(\.text)
    case .stop: break
    default: return []
    }
    var names: [String] = []
    for case .worker(let name) in targets {
      for dependent in fleet.dependents(of: name)
      where !targets.contains(.worker(dependent)) && fleet.worker(dependent)?.wanted == true {
        if !names.contains(dependent.text) { names.append(dependent.text) }
      }
    }
    return names
  }

  private func preview(_ request: ActionRequest, _ ids: [InstanceID], _ also: [String])
    -> ActionResponse
  {
    var response = ActionResponse(
      action: request.action,
      results: ids.map { id in
        ActionResult(
          target: id.description, ok: true, changed: false,
          state: fleet.instance(id)?.state.rawValue)
      })
    response.alsoAffected = also
    response.dryRun = true
    return response
  }
}

extension Comparable {
  fileprivate func clamped(to range: ClosedRange<Self>) -> Self {
    min(max(self, range.lowerBound), range.upperBound)
  }
}
