// The most that a call can cost, before it is made. Must never be less than what the call then costs.

/// What is known of a call before it is made.
package struct CallBound: Sendable, Hashable {
  /// The most tokens that the model reads.
  package var input: Int64
  /// The most that it writes, all answers together.
  package var output: Int64
  /// The most searches that the provider makes for it.
  package var searches: Int64 = 0
  /// What is read may be kept in a cache, which costs more.
  package var mayCache = false
  /// The service tiers at which it may be served.
  package var tiers: [ServiceTier] = [.standard]

  /// Bounds a call.
  package init(input: Int64, output: Int64) {
    self.input = input
    self.output = output
  }
}

extension ModelPrice {
  /// The most that one token can cost, whichever step or tier it falls into.
  package func highest(_ items: [Item], of bound: CallBound) -> Price? {
    var most: Int64?
    // A step counts from a prompt above it, so the length decides only whether it can be reached.
    let steps = [0] + rates.map(\.above).filter { $0 > 0 && $0 < bound.input }
    for tier in bound.tiers {
      for step in steps {
        for item in items {
          guard let price = price(of: item, tier, prompt: step + 1) else { continue }
          most = max(most ?? 0, price.picoUSD)
        }
      }
    }
    return most.map { Price(picoUSD: $0) }
  }

  /// What what is read can cost at the most; nil where reading has no price.
  package func inputBound(of bound: CallBound) -> Price? {
    let items: [Item] =
      bound.mayCache ? [.input, .cacheWrite, .cacheWriteHour] : [.input, .cacheRead]
    guard let token = highest(items, of: bound) else { return nil }
    var search: Int64 = 0
    if bound.searches > 0 {
      guard let price = highest([.webSearch], of: bound) else { return nil }
      search = price.picoUSD
    }
    return Self.sum([(bound.input, token.picoUSD), (bound.searches, search)])
  }

  /// What one written token can cost at the most; nil where writing has no price.
  package func outputPrice(of bound: CallBound) -> Price? {
    highest([.output, .reasoning], of: bound)
  }

  /// The most that the call can cost; nil where something it may use has no price, or no integer holds it.
  package func bound(of bound: CallBound) -> Price? {
    guard let input = inputBound(of: bound) else { return nil }
    guard bound.output > 0 else { return input }
    guard let token = outputPrice(of: bound) else { return nil }
    return Self.sum([(1, input.picoUSD), (bound.output, token.picoUSD)])
  }

  private static func sum(_ parts: [(Int64, Int64)]) -> Price? {
    let total = parts.reduce(Int128(0)) { $0 + Int128($1.0) * Int128($1.1) }
    return Int64(exactly: total).map { Price(picoUSD: $0) }
  }
}

extension Money {
  /// The least amount of whole micro-dollars that a price fits into.
  package init(roundingUp price: Price) {
    let (whole, rest) = price.picoUSD.quotientAndRemainder(dividingBy: 1_000_000)
    self.init(microUSD: whole + (rest > 0 ? 1 : 0))
  }

  /// The same amount in pico-dollars; nil when no integer holds it.
  package var picoUSD: Int64? {
    let (value, over) = microUSD.multipliedReportingOverflow(by: 1_000_000)
    return over ? nil : value
  }
}
