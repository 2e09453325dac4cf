// From what people type to instances. Must never answer a part of a list: one unknown name refuses all of it.

import NovaEconomics
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// Resolves names, instances and globs.
  func resolve(_ patterns: [String]) throws(APIError) -> [Request.Target] {
    guard !patterns.isEmpty else {
      throw APIError(.badRequest, "name at least one worker", field: "targets")
    }
    switch fleet.resolve(patterns) {
    case .success(let targets): return targets
    case .failure(let failure):
      throw APIError(.noSuchWorker, CleanText.forTerminal(failure.message), field: "targets")
    }
  }

  /// The error for a name that is not there.
  func unknown(_ text: String) -> APIError {
    APIError(.noSuchWorker, "no worker '\(CleanText.forTerminal(text))'", field: "targets")
  }

  /// The instances a target stands for, ascending.
  func instances(of target: Request.Target) -> [InstanceID] {
    switch target {
    case .worker(let name): fleet.instances(of: name).map(\.id)
    case .instance(let id): [id]
    }
  }

  /// The instances that patterns stand for, each once, ordered by name and number. `*` of an empty fleet is none.
  func instances(matching patterns: [String]) throws(APIError) -> [InstanceID] {
    if patterns == ["*"] { return fleet.workerNames.flatMap { fleet.instances(of: $0).map(\.id) } }
    return Set(try resolve(patterns).flatMap(instances(of:))).sorted()
  }

  /// Ready, or running where nothing is asked for; a job between runs and one that is done count as well.
  func isReady(_ view: InstanceView) -> Bool {
    switch view.state {
    case .ready, .waiting, .completed: true
    case .running: fleet.worker(view.id.worker)?.spec.ready == WorkerSpec.Readiness.none
    default: false
    }
  }

  /// Running for as long as a service without readiness must have lived to count as started.
  func isUp(_ id: InstanceID) -> Bool {
    guard let view = fleet.instance(id), let life = lives[id], let since = life.startedAt else {
      return false
    }
    guard let spec = fleet.worker(id.worker)?.spec, case .service = spec.mode else { return true }
    guard spec.ready == .none else { return view.state == .ready }
    return Clock.now().instant - since >= Self.okayDelay
  }

  /// Why an instance waits for what will not come by itself: a worker it requires has given up or cools down.
  func blocked(_ id: InstanceID) -> String? {
    for name in fleet.instance(id)?.waitingFor ?? [] {
      let states = fleet.instances(of: name).map(\.state)
      if !states.isEmpty, states.allSatisfy({ $0 == .failed || $0 == .cooldown }) {
        let state = states[0] == .failed ? "has failed" : "cools down"
        return "it requires \(name), which \(state) (see `novasup status \(name)`)"
      }
    }
    return nil
  }
}
