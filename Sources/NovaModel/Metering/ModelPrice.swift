// What a model costs, exactly: integers of a pico-dollar a token. Must never price a token less than the table says, nor one
// of which it says nothing at nothing.

/// The prices of one model.
package struct ModelPrice: Sendable, Hashable {
  /// What is priced.
  package enum Item: String, Sendable, Hashable, CaseIterable {
    case input, output, cacheRead, cacheWrite, cacheWriteHour, reasoning, webSearch
  }

  /// One price and when it holds.
  package struct Rate: Sendable, Hashable {
    package let item: Item
    package let tier: ServiceTier
    /// It holds for the whole of a call whose prompt is longer than this; 0: for every call.
    package let above: Int64
    /// A token's, or a search's.
    package let price: Price

    /// Says it.
    package init(_ item: Item, _ price: Price, tier: ServiceTier = .standard, above: Int64 = 0) {
      self.item = item
      self.tier = tier
      self.above = above
      self.price = price
    }
  }

  /// $0.001 a token: a price per million that was typed as one per token is above it.
  package static let highest = Price(picoUSD: 1_000_000_000)

  /// In no order.
  package var rates: [Rate] = []
  /// The longest prompt and the longest answer, tokens; nil: the table does not say.
  package var longestInput: Int64?, longestOutput: Int64?

  /// A model without a price.
  package init() {}

  /// A call can be priced: what is read and what is written has a price. An embedding writes nothing.
  package var isComplete: Bool {
    rates.contains { $0.item == .input && $0.tier == .standard && $0.above == 0 }
  }

  /// What a call has cost, in pico-dollars; nil where a kind of token was used that has no price.
  package func cost(of usage: TokenUsage) -> Price? {
    guard usage.isPossible else { return nil }
    var total: Int128 = 0
    let counts: [(Item, Int64)] = [
      (.input, usage.input), (.cacheRead, usage.cacheRead), (.cacheWrite, usage.cacheWrite),
      (.cacheWriteHour, usage.cacheWriteHour), (.output, usage.output - usage.reasoning),
      (.reasoning, usage.reasoning), (.webSearch, usage.webSearches),
    ]
    for (item, count) in counts where count > 0 {
      guard let price = price(of: item, usage.tier, prompt: usage.prompt) else { return nil }
      total += Int128(count) * Int128(price.picoUSD)
    }
    return Int64(exactly: total).map { Price(picoUSD: $0) }
  }

  /// What a token costs. Where the table is silent a neighbour holds: what a cache gives or takes costs what is read anew,
  /// an hour what minutes cost, reasoning what is written, a cheaper tier what the standard one costs. Priority is dearer
  /// than the standard, so without a price of its own it has none.
  func price(of item: Item, _ tier: ServiceTier, prompt: Int64) -> Price? {
    if let found = rate(item, tier, prompt) { return found.price }
    if tier == .batch || tier == .flex, let found = rate(item, .standard, prompt) {
      return found.price
    }
    switch item {
    case .cacheRead, .cacheWrite: return price(of: .input, tier, prompt: prompt)
    case .cacheWriteHour: return price(of: .cacheWrite, tier, prompt: prompt)
    case .reasoning: return price(of: .output, tier, prompt: prompt)
    case .input, .output, .webSearch: return nil
    }
  }

  /// The step that a prompt of this length has passed last.
  private func rate(_ item: Item, _ tier: ServiceTier, _ prompt: Int64) -> Rate? {
    rates.filter {
      $0.item == item && $0.tier == tier && ($0.above == 0 || prompt > $0.above)
    }.max { $0.above < $1.above }
  }
}
