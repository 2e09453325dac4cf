// `scale`: a number of instances for each worker, within its bounds, all or nothing.
// Must never change a count when one of the orders cannot be carried out.

import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Carries out a scale order.
  func scale(_ exchange: Exchange, _ request: ActionRequest, by actor: Actor) throws(APIError) {
    let wanted = try wantedCounts(request)
    var results: [ActionResult] = []
    for (name, count) in wanted {
      guard let worker = fleet.worker(name) else { continue }
      let bounds = worker.spec.minInstances...worker.spec.maxInstances
      guard bounds.contains(count) else {
        throw APIError(
          .preconditionFailed,
          "\(name) may have \(bounds.lowerBound) to \(bounds.upperBound) instances, not \(count)"
            + " (min_instances and max_instances)", field: "count")
      }
      let live = fleet.instances(of: name).count { $0.pid != nil }
      if let current = request.current, current != live {
        throw APIError(
          .preconditionFailed, "\(name) has \(live) live instances, not \(current)",
          field: "current")
      }
      var result = ActionResult(target: name.text, ok: true, changed: worker.count != count)
      result.from = worker.count
      result.to = count
      results.append(result)
    }
    if request.dryRun == true {
      var response = ActionResponse(action: .scale, results: results)
      response.dryRun = true
      return answer(exchange, response)
    }
    for (name, count) in wanted {
      post(
        .requested(
          Request(
            .scale(to: count, pin: request.pin ?? false), [.worker(name)], actor: actor,
            note: request.reason.map(CleanText.forTerminal))))
    }
    let now = Clock.now().instant
    let patience = Span.milliseconds(
      Int64(min(max(request.waitTimeoutSeconds ?? 300, 0), 86_400) * 1000))
    let planned = results
    wait(exchange, until: request.wait == false ? now : now + patience) { [self] now, late in
      let pending = wanted.filter { !hasScaled($0.0, to: $0.1) }.map(\.0.text)
      guard pending.isEmpty || late || request.wait == false else { return nil }
      var response = ActionResponse(action: .scale, results: planned)
      response.timedOut = !pending.isEmpty && request.wait != false
      if response.timedOut {
        for index in response.results.indices where pending.contains(response.results[index].target)
        {
          response.results[index].ok = false
          response.results[index].code = .timedOut
          response.results[index].message = "not there yet; it goes on"
        }
      }
      return APICoding.encode(response)
    }
  }

  private func wantedCounts(_ request: ActionRequest) throws(APIError) -> [(WorkerName, Int)] {
    var pairs: [(WorkerName, Int)] = []
    if let counts = request.counts {
      guard request.targets.isEmpty, request.count == nil, request.multiplier == nil else {
        throw APIError(.badRequest, "give counts, or targets with a count", field: "counts")
      }
      for (text, count) in counts.values {
        guard let name = WorkerName(text), fleet.worker(name) != nil else {
          if InstanceID(text) != nil || text.contains("*") {
            throw APIError(
              .badRequest,
              "scale takes whole workers by name, not '\(CleanText.forTerminal(text))'",
              field: "counts")
          }
          throw unknown(text)
        }
        pairs.append((name, count))
      }
    } else {
      for target in try resolve(request.targets) {
        guard case .worker(let name) = target, let worker = fleet.worker(name) else {
          throw APIError(.badRequest, "scale takes whole workers, not instances", field: "targets")
        }
        switch (request.count, request.multiplier) {
        case (let count?, nil): pairs.append((name, count))
        case (nil, let factor?):
          guard factor >= 0, factor <= 1000 else {
            throw APIError(.badRequest, "multiplier must be 0 to 1000", field: "multiplier")
          }
          pairs.append((name, Int((Double(worker.count) * factor).rounded(.up))))
        default:
          throw APIError(.badRequest, "give either count or multiplier", field: "count")
        }
      }
    }
    for (name, count) in pairs where count < 0 {
      throw APIError(.badRequest, "\(name) cannot have \(count) instances", field: "count")
    }
    return pairs.sorted { $0.0 < $1.0 }
  }

  /// The live count is the wanted one and every one of them is up, or what keeps it from that is not the scaling.
  private func hasScaled(_ name: WorkerName, to count: Int) -> Bool {
    let views = fleet.instances(of: name)
    guard views.count == count else { return false }
    return views.allSatisfy { view in
      switch view.state {
      case .starting: view.reason == .dependency
      case .stopping, .killing, .lost: false
      default: true
      }
    }
  }
}
