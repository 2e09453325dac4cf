// A published table cut down to what is used of it, and what differs between two tables. Must never keep a model whose price
// cannot be used, nor change a number on the way.

package import NovaModel

extension PriceTable {
  /// The models that can be priced with the keys that say how, as compact JSON; models by name, keys as they came.
  package static func cutDown(_ bytes: [UInt8]) throws(Failure) -> (table: PriceTable, text: String)
  {
    let table = try PriceTable(bytes)
    guard case .object(let members)? = try? JSONParser.parse(bytes) else { return (table, "{}") }
    var kept: [JSONValue.Member] = []
    for member in members where table.models[member.key] != nil {
      guard case .object(let keys) = member.value else { continue }
      kept.append(.init(member.key, .object(keys.filter(isUsed))))
    }
    // A name that is there twice means its last one, as it does where the table is read.
    var seen: Set<String> = []
    kept = kept.reversed().filter { seen.insert($0.key).inserted }.sorted { $0.key < $1.key }
    let text = String(decoding: JSONValue.object(kept).bytes(), as: UTF8.self)
    return (table, text)
  }

  private static func isUsed(_ member: JSONValue.Member) -> Bool {
    switch member.key {
    case "mode", "search_context_cost_per_query": return true
    case "max_input_tokens", "max_output_tokens":
      if case .number = member.value { return true }
      return false
    default:
      guard case .number = member.value else { return false }
      return PriceKey(member.key) != nil
    }
  }
}

/// What is different in a new table.
package struct PriceChanges: Sendable, Hashable {
  /// A price that is another one.
  package struct Change: Sendable, Hashable {
    package let model: String
    package let item: ModelPrice.Item
    package let tier: ServiceTier
    /// For prompts longer than this.
    package let above: Int64
    /// Nil: it had none, or has none any more.
    package let before: Price?, after: Price?

    /// How far apart both are, in millionths of the smaller one; a price that came or went is furthest.
    var distancePPM: Int64 {
      guard let before, let after, before.picoUSD > 0, after.picoUSD > 0 else { return .max }
      let (low, high) = (min(before.picoUSD, after.picoUSD), max(before.picoUSD, after.picoUSD))
      return Int64(clamping: (Int128(high) - Int128(low)) * 1_000_000 / Int128(low))
    }
  }

  /// Models by name.
  package let added: [String], gone: [String]
  /// Of models that are in both, the furthest apart first.
  package let changed: [Change]

  /// Compares; without an old table everything is added.
  package init(from old: PriceTable?, to new: PriceTable) {
    let before = old?.models ?? [:]
    added = new.models.keys.filter { before[$0] == nil }.sorted()
    gone = before.keys.filter { new.models[$0] == nil }.sorted()
    var changes: [Change] = []
    for (name, price) in new.models {
      guard let earlier = before[name], earlier != price else { continue }
      changes += Self.changes(of: name, earlier, price)
    }
    changed = changes.sorted { ($1.distancePPM, $0.key) < ($0.distancePPM, $1.key) }
  }

  /// How many models are in both with other prices.
  package var changedModels: Int { Set(changed.map(\.model)).count }

  private struct Place: Hashable {
    let item: ModelPrice.Item
    let tier: ServiceTier
    let above: Int64
    init(_ rate: ModelPrice.Rate) {
      item = rate.item
      tier = rate.tier
      above = rate.above
    }
  }

  private static func changes(of name: String, _ old: ModelPrice, _ new: ModelPrice) -> [Change] {
    let before = Dictionary(old.rates.map { (Place($0), $0.price) }) { _, last in last }
    let after = Dictionary(new.rates.map { (Place($0), $0.price) }) { _, last in last }
    return Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.map {
      Change(
        model: name, item: $0.item, tier: $0.tier, above: $0.above, before: before[$0],
        after: after[$0])
    }
  }
}

extension PriceChanges.Change {
  /// Orders what is equally far apart.
  fileprivate var key: String { "\(model) \(item.rawValue) \(tier.rawValue) \(above)" }
}
