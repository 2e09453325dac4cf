// How the providers are: who asked for a rest, who has failed too often, and with which key each is asked. Must never let a key
// out but into the one header of a request to its own provider.

import NovaLinux
import NovaModel

/// The state of all providers. What decides takes the time as an argument.
struct ProviderDesk {
  /// One provider.
  struct State: Sendable, Hashable {
    /// Nobody asks before: it said so, to one worker for all of them, or it has failed too often.
    var restsUntil: Instant?
    /// Failures in a row.
    var failures = 0
    /// One call finds out whether it is well again.
    var isTrying = false
    var requests: CallRate?, tokens: CallRate?
  }

  private(set) var states: [String: State] = [:]
  /// Keys for a few seconds, so that not each call opens a file, and a new key counts soon.
  private var keys: [String: (value: String?, until: Instant)] = [:]

  /// So many failures in a row and a provider is left alone for a while.
  static let most = 5
  static let pause = Span.seconds(10)
  /// A provider's wish for a rest is heeded for so long at the most.
  static let longestRest = Span.seconds(120)
  private static let keyLife = Span.seconds(5)

  /// How long nobody may ask it; nil: ask. After a pause the first who asks is the one who tries.
  mutating func wait(_ name: String, at now: Instant) -> Span? {
    guard let state = states[name], let until = state.restsUntil else { return nil }
    if until > now { return until - now }
    guard state.failures >= Self.most else {
      states[name]?.restsUntil = nil
      return nil
    }
    if state.isTrying { return .seconds(1) }
    states[name]?.isTrying = true
    return nil
  }

  /// It has answered.
  mutating func answered(_ name: String) {
    states[name, default: State()].failures = 0
    states[name]?.isTrying = false
    states[name]?.restsUntil = nil
  }

  /// It asks for a rest.
  mutating func rests(_ name: String, for span: Span, at now: Instant) {
    let until = now + min(span, Self.longestRest)
    let before = states[name]?.restsUntil
    states[name, default: State()].restsUntil = max(before ?? until, until)
    states[name]?.isTrying = false
  }

  /// It did not answer, or said that it is broken.
  mutating func failed(_ name: String, at now: Instant) {
    states[name, default: State()].failures += 1
    states[name]?.isTrying = false
    if states[name]?.failures ?? 0 >= Self.most { states[name]?.restsUntil = now + Self.pause }
  }

  /// How long until its limits a minute let one more call through; nil: now, and it is counted.
  mutating func takeRequest(_ provider: GatewayProvider, at now: Instant) -> Span? {
    var state = states[provider.name] ?? State()
    defer { states[provider.name] = state }
    if let limit = provider.requestsPerMinute {
      if state.requests?.perMinute != Int64(limit) {
        state.requests = CallRate(perMinute: limit, at: now)
      }
      if let wait = state.requests?.wait(at: now) { return wait }
    }
    if let limit = provider.tokensPerMinute {
      if state.tokens?.perMinute != Int64(limit) {
        state.tokens = CallRate(perMinute: limit, at: now)
      }
      if let wait = state.tokens?.wait(at: now) { return wait }
    }
    state.requests?.take(1, at: now)
    return nil
  }

  /// Tokens that a call has used.
  mutating func used(_ name: String, tokens: Int64, at now: Instant) {
    states[name]?.tokens?.take(tokens, at: now)
  }

  /// Its key; nil when there is none.
  mutating func key(of provider: GatewayProvider, _ secrets: Secrets, at now: Instant) -> String? {
    if let known = keys[provider.keySecret], known.until > now { return known.value }
    let value = secrets.value(provider.keySecret).flatMap { text in
      text.isEmpty || text.utf8.contains { $0 < 0x21 || $0 > 0x7E } ? nil : text
    }
    keys[provider.keySecret] = (value, now + Self.keyLife)
    return value
  }
}
