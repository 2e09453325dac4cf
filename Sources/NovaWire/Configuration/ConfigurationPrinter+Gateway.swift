// `gateway:` of a supervisor.yaml and of a worker as text that loads back to the same. Must never print a key: only the
// name of its secret is known.

import NovaModel

extension ConfigurationPrinter {
  /// The lines of the gateway and its providers.
  static func gateway(_ settings: GatewaySettings) -> [String] {
    let first = [
      "gateway:", "  listen: \(text(settings.listen))",
      "  unknown_model: \(settings.unknownModel.rawValue)",
      "  other_paths: \(settings.otherPaths.rawValue)",
      "  providers:\(settings.providers.isEmpty ? " {}" : "")",
    ]
    return first + settings.providers.map(provider)
  }

  private static func provider(_ own: GatewayProvider) -> String {
    "    \(text(own.name)): { kind: \(own.kind.rawValue), url: \(text(own.url)), key: \(text(own.keySecret)), "
      + "fallback: \(text(own.fallback)), daily: \(own.dailyUSD ?? "null"), "
      + "requests_per_minute: \(count(own.requestsPerMinute)), "
      + "tokens_per_minute: \(count(own.tokensPerMinute)), "
      + "timeout: \(DurationText.print(.seconds(Int64(own.timeoutSeconds)))) }"
  }

  /// The line of a worker.
  static func gateway(_ own: WorkerGateway) -> String {
    "gateway: { providers: \(list(own.providers)), models: \(list(own.models)), "
      + "requests_per_minute: \(count(own.requestsPerMinute)), "
      + "tokens_per_minute: \(count(own.tokensPerMinute)), concurrent: \(count(own.concurrent)), "
      + "cache: \(DurationText.print(.seconds(Int64(own.cacheSeconds)))), egress: \(list(own.egress)) }"
  }

  private static func count(_ value: Int?) -> String { value.map { String($0) } ?? "null" }
}
