// Prices of models from the public table that LiteLLM publishes (model_prices_and_context_window.json) and files of its form.
// Must never let an absurd price through: it would lock every worker out, or let one spend for nothing.

package import NovaModel

/// The models of one file.
package struct PriceTable: Sendable, Hashable {
  /// By the name that a caller gives.
  package private(set) var models: [String: ModelPrice] = [:]
  /// Models that are paid by the picture, the second or the page, which no call of ours is.
  package private(set) var passedOver = 0
  /// Why a model was left out, by name: `gpt-5: input_cost_per_token is above $0.001 a token`.
  package private(set) var refused: [String] = []

  /// Why a file is no table.
  package struct Failure: Error, Sendable, Hashable {
    /// What is wrong, for people.
    package let message: String
  }

  /// What no model of the table costs more than, kind by kind.
  package var dearest: ModelPrice {
    var most = ModelPrice()
    for item in ModelPrice.Item.allCases {
      for tier in ServiceTier.allCases {
        let prices = models.values.flatMap(\.rates).filter { $0.item == item && $0.tier == tier }
        if let price = prices.map(\.price.picoUSD).max() {
          most.rates.append(.init(item, Price(picoUSD: price), tier: tier))
        }
      }
    }
    return most
  }

  /// The kinds of models whose calls are metered.
  private static let modes: Set<String> = ["chat", "completion", "responses", "embedding"]

  /// Reads a file. One bad model is left out and named; a file without a usable one is refused.
  package init(_ bytes: [UInt8]) throws(Failure) {
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONParser.parse(bytes)
    } catch {
      throw Failure(message: "it is not JSON: \(error.message) at byte \(error.offset)")
    }
    guard case .object(let members) = document else {
      throw Failure(message: "it is not an object with a member for each model")
    }
    for member in members where member.key != "sample_spec" {
      guard let mode = member.value["mode"]?.text, Self.modes.contains(mode) else {
        passedOver += 1
        continue
      }
      do throws(Failure) {
        let price = try Self.price(member.value)
        guard price.isComplete else {
          passedOver += 1
          continue
        }
        models[member.key] = price
      } catch {
        refused.append("\(member.key): \(error.message)")
      }
    }
    if models.isEmpty {
      throw Failure(
        message: refused.first.map { "no model in it has a usable price, such as \($0)" }
          ?? "no model in it has a price a token")
    }
  }

  private static func price(_ model: JSONValue) throws(Failure) -> ModelPrice {
    guard case .object(let members) = model else { return ModelPrice() }
    var price = ModelPrice()
    for member in members {
      if let key = PriceKey(member.key) {
        guard case .number(let text) = member.value else { continue }
        let perToken = try read(text, of: member.key)
        price.rates.append(.init(key.item, perToken, tier: key.tier, above: key.above))
      } else if member.key == "search_context_cost_per_query",
        case .number(let text) = member.value["search_context_size_medium"] ?? .null
      {
        // A search costs a cent or so: the bound of a token is not its own.
        guard let cost = Price(scientific: text), cost.picoUSD >= 0,
          cost.picoUSD <= 10_000_000_000_000
        else { throw Failure(message: "\(member.key) is not between $0 and $10 a search") }
        price.rates.append(.init(.webSearch, cost))
      } else if member.key == "max_input_tokens" {
        price.longestInput = count(member.value)
      } else if member.key == "max_output_tokens" {
        price.longestOutput = count(member.value)
      }
    }
    return price
  }

  private static func read(_ text: String, of key: String) throws(Failure) -> Price {
    guard let price = Price(scientific: text) else {
      throw Failure(message: "\(key) is no price: \(text.prefix(40))")
    }
    guard price.picoUSD >= 0 else { throw Failure(message: "\(key) is negative") }
    guard price.picoUSD <= ModelPrice.highest.picoUSD else {
      throw Failure(message: "\(key) is above $0.001 a token (a price per million tokens?)")
    }
    return price
  }

  private static func count(_ value: JSONValue) -> Int64? {
    guard case .number(let text) = value, let number = Int64(text), number > 0 else { return nil }
    return number
  }
}

/// A key of the table taken apart: what it prices, from which length of the prompt on, at which tier. The grammar is
/// `BASE[_above_1hr][_above_Nk_tokens][_batches|_priority|_flex]`.
struct PriceKey: Hashable {
  let item: ModelPrice.Item
  let tier: ServiceTier
  let above: Int64

  private static let bases: [(name: String, item: ModelPrice.Item)] = [
    ("input_cost_per_token", .input), ("output_cost_per_token", .output),
    ("cache_read_input_token_cost", .cacheRead),
    ("cache_creation_input_token_cost", .cacheWrite),
    ("output_cost_per_reasoning_token", .reasoning),
  ]
  private static let tiers: [(suffix: String, tier: ServiceTier)] = [
    ("_batches", .batch), ("_priority", .priority), ("_flex", .flex),
  ]

  /// Nil for a key that prices nothing we meter, or says more than we understand.
  init?(_ key: String) {
    guard let base = Self.bases.first(where: { key.hasPrefix($0.name) }) else { return nil }
    var rest = key.dropFirst(base.name.count)
    var tier = ServiceTier.standard
    for (suffix, named) in Self.tiers where rest.hasSuffix(suffix) {
      tier = named
      rest = rest.dropLast(suffix.count)
    }
    var item = base.item
    if item == .cacheWrite, rest.hasPrefix("_above_1hr") {
      item = .cacheWriteHour
      rest = rest.dropFirst("_above_1hr".count)
    }
    var above: Int64 = 0
    if !rest.isEmpty {
      guard rest.hasPrefix("_above_"), rest.hasSuffix("k_tokens"),
        let thousands = Int64(rest.dropFirst("_above_".count).dropLast("k_tokens".count)),
        (1...1_000_000).contains(thousands)
      else { return nil }
      above = thousands * 1000
    }
    self.item = item
    self.tier = tier
    self.above = above
  }
}

extension Price {
  /// Reads a number of JSON, such as `3e-06` or `0.000015`, exactly; below a pico-dollar it is rounded half-even. Nil for what
  /// is no number or beyond the range.
  package init?(scientific text: String) {
    let halves = text.split(
      maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { $0 == "e" || $0 == "E" })
    guard let mantissa = halves.first else { return nil }
    var exponent = 12
    if halves.count == 2 {
      guard let written = Int(halves[1]), (-60...60).contains(written) else { return nil }
      exponent += written
    }
    var digits: Int128 = 0
    var isNegative = false
    var seenPoint = false
    var count = 0
    for (index, byte) in mantissa.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "-") where index == 0: isNegative = true
      case UInt8(ascii: ".") where !seenPoint && count > 0: seenPoint = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        count += 1
        guard count <= 30 else { return nil }
        digits = digits * 10 + Int128(byte - UInt8(ascii: "0"))
        if seenPoint { exponent -= 1 }
      default: return nil
      }
    }
    guard count > 0 else { return nil }
    while exponent > 0, digits != 0 {
      let (product, over) = digits.multipliedReportingOverflow(by: 10)
      guard !over else { return nil }
      digits = product
      exponent -= 1
    }
    if exponent < 0 {
      var divisor: Int128 = 1
      for _ in 0..<min(-exponent, 37) { divisor *= 10 }
      // 30 digits below 37 places are nothing.
      if -exponent > 37 { digits = 0 }
      let (quotient, rest) = digits.quotientAndRemainder(dividingBy: divisor)
      let twice = rest * 2
      digits = quotient + (twice > divisor || (twice == divisor && quotient % 2 == 1) ? 1 : 0)
    }
    guard let value = Int64(exactly: isNegative ? -digits : digits) else { return nil }
    self.init(picoUSD: value)
  }
}
