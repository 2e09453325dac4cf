// The plan that nova-edge's gateway works by, and the keys that workers call it with. Must never show a key, nor the plan to
// anybody but nova-edge.

import NovaHTTP
import NovaLedger
import NovaLinux
import NovaModel
import NovaWire

extension Supervisor {
  /// What keys are made of; read or made at the first need.
  func gatewayKeys() throws(SystemError) -> GatewayKeys {
    if let keys = gateway.keys { return keys }
    let keys = try GatewayKeys.open(options.gatewaySecret)
    gateway.keys = keys
    return keys
  }

  /// The variables by which a worker's clients find the gateway.
  func gatewayVariables(of spec: WorkerSpec) throws(PreparationFailure) -> [String: String] {
    guard !spec.gateway.providers.isEmpty || spec.usesEgress,
      let settings = configuration?.settings.gateway
    else {
      return [:]
    }
    do {
      return GatewayEnvironment.values(
        of: spec, settings, key: try gatewayKeys().key(of: spec.name))
    } catch {
      throw PreparationFailure(.prepare, error)
    }
  }

  /// The gateway's part of `GET /v1/edge`; nil where it is off, or nobody could be known by a key:
  /// nova-edge has more to do.
  func gatewayPlan() -> GatewayPlan? {
    guard let configuration else { return nil }
    let callers = configuration.workers.values.filter {
      !$0.gateway.providers.isEmpty || $0.usesEgress
    }
    // Places to reach need no provider.
    guard !configuration.settings.gateway.providers.isEmpty || callers.contains(where: \.usesEgress)
    else { return nil }
    var plan = GatewayPlan()
    plan.settings = configuration.settings.gateway
    plan.prices = gateway.prices?.number
    let keys: GatewayKeys
    do {
      keys = try gatewayKeys()
    } catch {
      if saidOnce.insert(error.message).inserted {
        trouble("the gateway is off: \(error.message)")
      }
      return nil
    }
    plan.workers = callers.sorted { $0.name < $1.name }.map { spec in
      GatewayWorkerRow(
        worker: spec.name.text, keyDigest: keys.hash(of: spec.name), gateway: spec.gateway,
        asks: spec.budget.onExceeded == .ask, soft: spec.budget.soft)
    }
    return plan
  }
}
