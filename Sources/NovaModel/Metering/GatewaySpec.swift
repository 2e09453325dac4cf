// The model gateway as its owner configured it: `gateway:` of supervisor.yaml and of a worker. Must never hold a provider's
// key, only the name under which nova-edge finds it.

/// `gateway:` of supervisor.yaml.
package struct GatewaySettings: Codable, Sendable, Hashable {
  /// Where workers of the host's network find it, such as `127.0.0.1:7481`; nil: only those with a network of their own do.
  package var listen: String?
  /// What a model without a price does.
  package var unknownModel = UnknownModel.refuse
  /// What becomes of a path that is not metered.
  package var otherPaths = OtherPaths.refuse
  /// By name, in the order of the file.
  package var providers: [GatewayProvider] = []

  /// No provider: the gateway is off.
  package init() {}

  /// What may be spent at each provider a day, of those that have a limit.
  package var dailyLimits: [String: Money] {
    var limits: [String: Money] = [:]
    for provider in providers {
      limits[provider.name] = provider.dailyUSD.flatMap { Money(decimal: $0) }
    }
    return limits
  }

  /// A model that the price table does not name.
  package enum UnknownModel: String, Codable, Sendable, Hashable, CaseIterable {
    /// The call is refused.
    case refuse
    /// It costs what the dearest model of the table costs, and an alert says so.
    case dearest
  }

  /// A path of the provider that nobody knows how to meter.
  package enum OtherPaths: String, Codable, Sendable, Hashable, CaseIterable { case refuse, pass }
}

/// Somebody who answers calls for money.
package struct GatewayProvider: Codable, Sendable, Hashable {
  /// Whose API it speaks.
  package enum Kind: String, Codable, Sendable, Hashable, CaseIterable { case anthropic, openai }

  /// By what budgets and reports call it: `anthropic`.
  package var name: String
  package var kind: Kind
  /// Where it is, as its own client wants it: `https://api.anthropic.com`, `https://api.openai.com/v1`.
  package var url: String
  /// The name of the secret that holds its key.
  package var keySecret: String
  /// The provider of the same kind that is asked where this one does not answer.
  package var fallback: String?
  /// A day's limit for all workers together, as decimal dollars; nil: none.
  package var dailyUSD: String?
  /// For all workers together; nil: no limit.
  package var requestsPerMinute: Int?
  package var tokensPerMinute: Int?
  /// How long a call may take from its first byte to its last.
  package var timeoutSeconds = 600

  /// Names one.
  package init(name: String, kind: Kind, url: String, keySecret: String) {
    self.name = name
    self.kind = kind
    self.url = url
    self.keySecret = keySecret
  }
}

/// `gateway:` of a worker: what it may call.
package struct WorkerGateway: Codable, Sendable, Hashable {
  /// Names of providers; empty: the gateway is closed to it.
  package var providers: [String] = []
  /// Globs of models, `claude-*`; empty: every model that has a price.
  package var models: [String] = []
  /// Nil: no limit.
  package var requestsPerMinute: Int?
  package var tokensPerMinute: Int?
  /// Calls under way at once.
  package var concurrent: Int?
  /// How long the answer to an identical call that is not streamed may be used again; 0: never.
  package var cacheSeconds = 0
  /// `host:port` of what else it may reach by CONNECT; names as globs are not taken.
  package var egress: [String] = []

  /// Closed.
  package init() {}
}
