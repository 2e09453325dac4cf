// How a worker's client finds the gateway: the variables that the providers' own libraries and the common ones around them
// read. Must never name a provider's own key.

package import NovaModel

extension WorkerSpec {
  /// It has a network of its own and places to reach from it.
  var usesEgress: Bool { security.network == .gateway && !gateway.egress.isEmpty }
}

/// Composes what a worker's environment says of the gateway.
package enum GatewayEnvironment {
  /// Where the gateway is in a network of its own.
  package static let inside = "127.0.0.1:7481"

  /// The variables of a worker; empty where it may call nobody, or has no way to the gateway.
  package static func values(
    of spec: WorkerSpec, _ settings: GatewaySettings, key: String
  ) -> [String: String] {
    let address: String? =
      switch spec.security.network {
      case .host: settings.listen
      case .gateway: inside
      case .none: nil
      }
    guard let address else { return [:] }
    let kinds = Set(
      spec.gateway.providers.compactMap { name in
        settings.providers.first { $0.name == name }?.kind
      })
    let base = "http://\(address)"
    var values: [String: String] = [:]
    if kinds.contains(.anthropic) {
      values["ANTHROPIC_API_KEY"] = key
      // Anthropic's own libraries, LiteLLM and LangChain, in this order.
      for name in ["ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE", "ANTHROPIC_API_URL"] {
        values[name] = base
      }
    }
    if kinds.contains(.openai) {
      values["OPENAI_API_KEY"] = key
      for name in ["OPENAI_BASE_URL", "OPENAI_API_BASE"] { values[name] = base + "/v1" }
    }
    if spec.usesEgress {
      // curl reads the one, most others both; nothing of its own network goes through the proxy.
      for name in ["HTTPS_PROXY", "https_proxy"] { values[name] = base }
      for name in ["NO_PROXY", "no_proxy"] { values[name] = "127.0.0.1,localhost" }
    }
    return values
  }
}
