// What one call of a model used, in the words that all providers' answers can be brought to. Must never hold a part of a
// token twice: what came from a cache is not among the input again.

/// Tokens of one call, and the searches that it made.
package struct TokenUsage: Sendable, Hashable {
  /// Read anew: neither from a cache nor into one.
  package var input: Int64 = 0
  /// Read from a cache.
  package var cacheRead: Int64 = 0
  /// Read and kept in a cache for minutes.
  package var cacheWrite: Int64 = 0
  /// Read and kept in a cache for an hour.
  package var cacheWriteHour: Int64 = 0
  /// Written, reasoning included.
  package var output: Int64 = 0
  /// Of the output: what was thought and not shown.
  package var reasoning: Int64 = 0
  /// Searches of the web that the provider made for the call.
  package var webSearches: Int64 = 0
  /// At which of its prices the provider has served it.
  package var tier = ServiceTier.standard

  /// Nothing.
  package init() {}

  /// No count is above this: a million times what a call can use, and its price still fits.
  package static let most: Int64 = 1_000_000_000_000

  /// Everything that was read, from wherever: what the steps of a price go by.
  package var prompt: Int64 { input + cacheRead + cacheWrite + cacheWriteHour }

  /// Whether every count is possible, and reasoning no more than the output.
  package var isPossible: Bool {
    let counts = [input, cacheRead, cacheWrite, cacheWriteHour, output, reasoning, webSearches]
    return counts.allSatisfy { (0...Self.most).contains($0) } && reasoning <= output
  }
}

/// At which of its prices a provider serves a call.
package enum ServiceTier: String, Sendable, Hashable, CaseIterable {
  case standard
  /// Some time within a day, at half the price or so.
  case batch
  case priority
  case flex
}
