// What changed between two listings of the workers, as a page needs it: found by comparing their bytes, because each
// second brings a megabyte of a thousand workers of which little is new. Must never leave out a change that is shown, nor
// send what every second changes and no page shows.

import NovaWire

/// The last listing, and its difference to the next.
package struct RowDelta: Sendable {
  private var bytes: [UInt8] = []
  private var rows: [Row] = []

  /// Nothing is known yet.
  package init() {}

  /// What a listing brings.
  package enum Change: Sendable, Hashable {
    /// It is no list of rows; the last one still counts.
    case unreadable
    /// Nothing that is shown changed.
    case none
    /// The JSON of `{"at":…,"changed":[…],"gone":[…]}`. A changed row has its name, its instance and the members that differ.
    case some([UInt8])
  }

  /// Where a row stands, and the values that say whose it is.
  private struct Row: Sendable {
    var all: Range<Int>
    var name: Range<Int>
    var instance: Range<Int>
  }

  /// Members that change every second though nothing happened: a page counts uptime and what is left of a wait by
  /// itself, and shows no sums of microseconds.
  private static let counted: Set<String> = [
    "uptime_seconds", "cpu_usage_usec", "cpu_user_usec", "cpu_system_usec",
    "cooldown_remaining_seconds", "backoff_remaining_seconds",
  ]

  /// Takes a listing in.
  package mutating func take(_ listing: [UInt8], at: String) -> Change {
    guard let found = Self.rows(of: listing) else { return .unreadable }
    var out: [UInt8] = []
    var gone: Set<Int> = []
    var places: [String: Int]?
    for (index, row) in found.enumerated() {
      // Most listings have the rows of the last one in the same order.
      var old: Row?
      if places == nil, index < rows.count, isSame(rows[index], listing, row) {
        old = rows[index]
      } else {
        if places == nil {
          places = [:]
          for place in index..<rows.count { places?[key(of: rows[place])] = place }
          gone = Set(index..<max(index, rows.count))
        }
        if let place = places?[Self.key(listing, row)] {
          old = rows[place]
          gone.remove(place)
        }
      }
      append(listing, row, old, to: &out)
    }
    if places == nil, rows.count > found.count { gone = Set(found.count..<rows.count) }
    let names = gone.sorted().map { key(of: rows[$0]) }.sorted()
    bytes = listing
    rows = found
    guard !out.isEmpty || !names.isEmpty else { return .none }
    var message = Array(#"{"at":"#.utf8)
    JSONValue.write(at, to: &message)
    message += #","changed":["#.utf8
    message += out
    message += #"],"gone":"#.utf8
    JSONValue.array(names.map { .string($0) }).write(to: &message)
    message.append(UInt8(ascii: "}"))
    return .some(message)
  }

  // MARK: rows

  private static func rows(of listing: [UInt8]) -> [Row]? {
    var scanner = JSONScanner(listing)
    guard scanner.take("[") else { return nil }
    var rows: [Row] = []
    if !scanner.take("]") {
      repeat {
        guard let row = row(&scanner) else { return nil }
        rows.append(row)
      } while scanner.take(",")
      guard scanner.take("]") else { return nil }
    }
    scanner.skipSpace()
    return scanner.next == nil ? rows : nil
  }

  private static func row(_ scanner: inout JSONScanner) -> Row? {
    scanner.skipSpace()
    let start = scanner.at
    var name: Range<Int>?
    var instance: Range<Int>?
    var members = MemberWalk(scanner)
    while let member = members.next() {
      if name == nil, members.isKey(member, "name") { name = member.value }
      if instance == nil, members.isKey(member, "instance") { instance = member.value }
    }
    guard members.isComplete, let name, let instance else { return nil }
    scanner.at = members.at
    return Row(all: start..<scanner.at, name: name, instance: instance)
  }

  private func isSame(_ old: Row, _ listing: [UInt8], _ new: Row) -> Bool {
    Self.equal(bytes, old.name, listing, new.name)
      && Self.equal(bytes, old.instance, listing, new.instance)
  }

  private func key(of row: Row) -> String { Self.key(bytes, row) }

  /// `name@instance`; a worker's name needs no escape.
  private static func key(_ bytes: [UInt8], _ row: Row) -> String {
    String(decoding: bytes[row.name].dropFirst().dropLast(), as: UTF8.self) + "@"
      + String(decoding: bytes[row.instance], as: UTF8.self)
  }

  static func equal(
    _ a: [UInt8], _ first: Range<Int>, _ b: [UInt8], _ second: Range<Int>
  ) -> Bool {
    guard first.count == second.count else { return false }
    for index in 0..<first.count where a[first.lowerBound + index] != b[second.lowerBound + index] {
      return false
    }
    return true
  }

  // MARK: differences

  /// Appends what of a row is new; nothing when nothing is.
  private func append(_ listing: [UInt8], _ row: Row, _ old: Row?, to out: inout [UInt8]) {
    if let old, Self.equal(bytes, old.all, listing, row.all) { return }
    let start = out.count
    var hasChanged = old == nil
    var stateChanged = false
    var waits: [MemberWalk.Member] = []
    if start > 0 { out.append(UInt8(ascii: ",")) }
    out += #"{"name":"#.utf8
    out += listing[row.name]
    out += #","instance":"#.utf8
    out += listing[row.instance]
    var members = MemberWalk(JSONScanner(listing, at: row.all.lowerBound))
    var before = old.map { MemberWalk(JSONScanner(bytes, at: $0.all.lowerBound)) }
    while let member = members.next() {
      // One supervisor writes the keys in one order; another order, or a key more, is found by its name.
      var former = before?.next()
      if let found = former, !Self.equal(bytes, found.key, listing, member.key) { before = nil }
      if before == nil, let old { former = self.member(listing[member.key], in: old) }
      let isSame = former.map { Self.equal(bytes, $0.value, listing, member.value) } ?? false
      let name = isSame ? nil : String(decoding: listing[member.key], as: UTF8.self)
      if name == "name" || name == "instance" { continue }
      if old != nil, name.map({ Self.counted.contains($0) }) ?? true {
        if members.isKey(member, "cooldown_remaining_seconds")
          || members.isKey(member, "backoff_remaining_seconds")
        {
          // What is left of a wait is sent with the change that began it.
          waits.append(member)
        }
        continue
      }
      hasChanged = true
      if name == "state" { stateChanged = old != nil }
      Self.append(listing, member, to: &out)
    }
    guard hasChanged else { return out.removeLast(out.count - start) }
    if stateChanged { for member in waits { Self.append(listing, member, to: &out) } }
    out.append(UInt8(ascii: "}"))
  }

  /// A member of a row of the last listing by its key.
  private func member(_ key: ArraySlice<UInt8>, in row: Row) -> MemberWalk.Member? {
    var members = MemberWalk(JSONScanner(bytes, at: row.all.lowerBound))
    while let member = members.next() {
      if bytes[member.key].elementsEqual(key) { return member }
    }
    return nil
  }

  private static func append(
    _ listing: [UInt8], _ member: MemberWalk.Member, to out: inout [UInt8]
  ) {
    out.append(UInt8(ascii: ","))
    out.append(UInt8(ascii: "\""))
    out += listing[member.key]
    out.append(UInt8(ascii: "\""))
    out.append(UInt8(ascii: ":"))
    out += listing[member.value]
  }
}

/// The members of one object, one after the other.
private struct MemberWalk {
  /// Where a key, without its quotes, and its value stand.
  struct Member {
    var key: Range<Int>
    var value: Range<Int>
  }

  private var scanner: JSONScanner
  private var isFirst = true
  /// The object's end was reached.
  private(set) var isComplete = false
  private var isBroken = false

  /// At an object's bracket.
  init(_ scanner: JSONScanner) { self.scanner = scanner }

  /// Behind what was taken.
  var at: Int { scanner.at }

  mutating func next() -> Member? {
    guard !isComplete, !isBroken else { return nil }
    if isFirst {
      isFirst = false
      guard scanner.take("{") else { return broken() }
      if scanner.take("}") { return end() }
    } else if !scanner.take(",") {
      return scanner.take("}") ? end() : broken()
    }
    guard let key = scanner.string(), scanner.take(":"), let value = scanner.value() else {
      return broken()
    }
    return Member(key: key, value: value)
  }

  func isKey(_ member: Member, _ name: StaticString) -> Bool {
    guard member.key.count == name.utf8CodeUnitCount else { return false }
    for index in 0..<member.key.count
    where unsafe scanner.bytes[member.key.lowerBound + index] != name.utf8Start[index] {
      return false
    }
    return true
  }

  private mutating func end() -> Member? {
    isComplete = true
    return nil
  }

  private mutating func broken() -> Member? {
    isBroken = true
    return nil
  }
}
