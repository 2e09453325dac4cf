// The members of an object one after the other, written and read in the order of the contract.
// Must never guess: a member of another type is a failure, one that is null or missing is nil.

/// Writes members; the first opens the object, the caller closes it.
struct MemberWriter {
  private var isFirst = true

  private mutating func key(_ key: StaticString, _ out: inout [UInt8]) {
    out.append(isFirst ? UInt8(ascii: "{") : UInt8(ascii: ","))
    isFirst = false
    out.append(UInt8(ascii: "\""))
    // SAFETY: a StaticString's bytes live as long as the program.
    unsafe out.append(
      contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
    out.append(UInt8(ascii: "\""))
    out.append(UInt8(ascii: ":"))
  }

  mutating func text(_ name: StaticString, _ value: String?, _ out: inout [UInt8]) {
    key(name, &out)
    if let value { JSONValue.write(value, to: &out) } else { out += "null".utf8 }
  }

  mutating func number(
    _ name: StaticString, _ value: (some FixedWidthInteger)?, _ out: inout [UInt8]
  ) {
    key(name, &out)
    if let value { Digits.append(value, to: &out) } else { out += "null".utf8 }
  }

  mutating func real(_ name: StaticString, _ value: Double?, _ out: inout [UInt8]) {
    key(name, &out)
    guard case .number(let text) = value.map(JSONValue.real) else { return out += "null".utf8 }
    out += text.utf8
  }

  /// An object, whose members `body` writes.
  mutating func object<Value>(
    _ name: StaticString, _ value: Value?, _ out: inout [UInt8],
    _ body: (Value, inout MemberWriter, inout [UInt8]) -> Void
  ) {
    key(name, &out)
    guard let value else { return out += "null".utf8 }
    var inner = MemberWriter()
    body(value, &inner, &out)
    out.append(UInt8(ascii: "}"))
  }

  mutating func flag(_ name: StaticString, _ value: Bool?, _ out: inout [UInt8]) {
    key(name, &out)
    out += (value.map { $0 ? "true" : "false" } ?? "null").utf8
  }
}

/// Reads members; cheap when they come in the order in which they are asked for, right in any order.
struct MemberReader {
  private let members: [JSONValue.Member]
  private var at = 0
  /// A member had another type.
  private(set) var failed = false

  init(_ members: [JSONValue.Member]) { self.members = members }

  private mutating func value(_ key: String) -> JSONValue? {
    if at < members.count, members[at].key == key {
      at += 1
      return members[at - 1].value
    }
    guard let index = members.firstIndex(where: { $0.key == key }) else { return nil }
    at = index + 1
    return members[index].value
  }

  mutating func text(_ key: String) -> String? {
    switch value(key) {
    case .string(let text): return text
    case .null, nil: return nil
    default: return fail()
    }
  }

  mutating func number<N: LosslessStringConvertible>(_ key: String) -> N? {
    switch value(key) {
    case .number(let text): return N(text) ?? fail()
    case .null, nil: return nil
    default: return fail()
    }
  }

  mutating func flag(_ key: String) -> Bool? {
    switch value(key) {
    case .bool(let flag): return flag
    case .null, nil: return nil
    default: return fail()
    }
  }

  /// An object, read by `body`, which answers nil when it is none of the kind.
  mutating func object<Value>(_ key: String, _ body: (inout MemberReader) -> Value?) -> Value? {
    switch value(key) {
    case .null, nil: return nil
    case .object(let members):
      var inner = MemberReader(members)
      guard let value = body(&inner), !inner.failed else { return fail() }
      return value
    default: return fail()
    }
  }

  private mutating func fail<T>() -> T? {
    failed = true
    return nil
  }
}
