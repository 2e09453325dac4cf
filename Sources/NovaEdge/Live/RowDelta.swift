// What changed between two listings of the workers, as a page needs it. Must never leave out a change that is shown,
// nor send what every second changes and no page shows.

package import NovaWire

/// The last listing, and its difference to the next.
package struct RowDelta: Sendable {
  private var known: [String: [JSONValue.Member]] = [:]

  /// Nothing is known yet.
  package init() {}

  /// Members that change every second though nothing happened: a page counts uptime and what is left of a wait by
  /// itself, and shows no sums of microseconds.
  private static let counted: Set<String> = [
    "uptime_seconds", "cpu_usage_usec", "cpu_user_usec", "cpu_system_usec",
    "cooldown_remaining_seconds", "backoff_remaining_seconds",
  ]
  /// What is left of a wait is sent with the change that began it.
  private static let waits: Set<String> = [
    "cooldown_remaining_seconds", "backoff_remaining_seconds",
  ]

  /// Takes a listing; the JSON of `{"changed":[…],"gone":[…]}`, or nil when nothing that is shown changed. A changed
  /// row has its name, its instance and the members that differ.
  package mutating func take(_ listing: JSONValue, at: String) -> [UInt8]? {
    var changed: [JSONValue] = []
    var seen: [String: [JSONValue.Member]] = [:]
    seen.reserveCapacity(known.count)
    for row in listing.elements ?? [] {
      guard case .object(let members) = row, let name = row["name"]?.text,
        case .number(let instance)? = row["instance"]
      else { continue }
      let key = name + "@" + instance
      if let part = RowDelta.difference(known[key], members) {
        changed.append(
          .object([.init("name", .string(name)), .init("instance", .number(instance))] + part))
      }
      seen[key] = members
    }
    let gone = known.keys.filter { seen[$0] == nil }.sorted()
    known = seen
    guard !changed.isEmpty || !gone.isEmpty else { return nil }
    return JSONValue.object([
      .init("at", .string(at)), .init("changed", .array(changed)),
      .init("gone", .array(gone.map { .string($0) })),
    ]).bytes()
  }

  /// The members of `new` that differ from `old`; nil when none does.
  private static func difference(
    _ old: [JSONValue.Member]?, _ new: [JSONValue.Member]
  ) -> [JSONValue.Member]? {
    guard let old else { return new.filter { $0.key != "name" && $0.key != "instance" } }
    var part: [JSONValue.Member] = []
    // One supervisor writes the keys in one order.
    let isAligned = old.count == new.count
    for (index, member) in new.enumerated() where !counted.contains(member.key) {
      let before =
        isAligned && old[index].key == member.key
        ? old[index].value : old.first { $0.key == member.key }?.value
      if before != member.value { part.append(member) }
    }
    guard !part.isEmpty else { return nil }
    if part.contains(where: { $0.key == "state" }) {
      part += new.filter { waits.contains($0.key) }
    }
    return part
  }
}
