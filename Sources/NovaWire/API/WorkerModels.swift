// What one worker uses of models now: today's calls and the last minute's tokens. Must never hold a word of what was asked.

/// Calls of models of one worker.
package struct WorkerModels: Codable, Sendable, Hashable {
  /// Calls that were asked today, in the budget's time zone, refused ones too.
  package var callsToday: Int64
  /// What they read and wrote.
  package var tokensToday: Int64
  /// What they cost, decimal USD.
  package var costTodayUSD: String
  /// Tokens of the calls that ended in the last minute.
  package var tokensPerMinute: Int64
  /// The same by provider.
  package var providers: [Provider] = []

  /// Puts figures together.
  package init(
    callsToday: Int64, tokensToday: Int64, costTodayUSD: String, tokensPerMinute: Int64
  ) {
    self.callsToday = callsToday
    self.tokensToday = tokensToday
    self.costTodayUSD = costTodayUSD
    self.tokensPerMinute = tokensPerMinute
  }

  /// One provider's part of it.
  package struct Provider: Codable, Sendable, Hashable {
    package var provider: String
    package var callsToday: Int64
    package var tokensToday: Int64
    package var costTodayUSD: String
    package var tokensPerMinute: Int64

    /// Puts figures together.
    package init(
      provider: String, callsToday: Int64, tokensToday: Int64, costTodayUSD: String,
      tokensPerMinute: Int64
    ) {
      self.provider = provider
      self.callsToday = callsToday
      self.tokensToday = tokensToday
      self.costTodayUSD = costTodayUSD
      self.tokensPerMinute = tokensPerMinute
    }
  }
}
