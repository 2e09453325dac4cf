// What a Decodable type looks like, learned by letting it decode from a source that says yes to everything and
// notes what was asked. So the documents cannot differ from the types. Must never be used on foreign types.

/// The shape of a JSON value.
package indirect enum TypeShape: Sendable, Hashable {
  case text, flag, real
  /// A whole number; `unsigned` when it cannot be negative.
  case integer(unsigned: Bool)
  /// One of these words.
  case word([String])
  case list(TypeShape)
  /// An object whose keys are data.
  case map(TypeShape)
  /// An object with known members; its name is the type's.
  case object(String, [Member])

  /// A member of an object.
  package struct Member: Sendable, Hashable {
    /// The JSON key.
    package var key: String
    package var shape: TypeShape
    /// May be null, and may be left out of a request.
    package var optional: Bool
  }

  /// The shape of `type`.
  package static func of<T: Decodable>(_ type: T.Type) -> TypeShape {
    let probe = Probe()
    _ = try? probe.value(type)
    return probe.shape
  }
}

/// A decoder that invents values and remembers the questions. A class because the Decoder protocol shares it.
private final class Probe: Decoder {
  var shape = TypeShape.text
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func value<T: Decodable>(_ type: T.Type) throws -> T {
    if let simple = Self.simple(type) {
      shape = simple.shape
      if let value = simple.value as? T { return value }
    }
    if let words = type as? any CaseIterable.Type, let found: (T, [String]) = Self.words(words) {
      shape = .word(found.1)
      return found.0
    }
    // `NovaWire.HealthReport.Row` is `HealthReportRow` in the documents.
    let words = String(reflecting: type).split(separator: ".").dropFirst()
    shape = .object(words.joined(), [])
    return try type.init(from: self)
  }

  private static func simple<T>(_ type: T.Type) -> (shape: TypeShape, value: Any)? {
    if type == String.self { return (.text, "") }
    if type == Bool.self { return (.flag, false) }
    if type == Double.self { return (.real, 0.0) }
    if let integer = type as? any FixedWidthInteger.Type { return number(integer) }
    return nil
  }

  private static func number<I: FixedWidthInteger>(_ type: I.Type) -> (shape: TypeShape, value: Any)
  {
    (.integer(unsigned: !I.isSigned), I.zero)
  }

  private static func words<T, C: CaseIterable>(_ type: C.Type) -> (T, [String])? {
    guard let first = type.allCases.first as? T else { return nil }
    return (first, type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String })
  }

  func add(_ key: String, _ child: TypeShape, optional: Bool) {
    guard case .object(let name, let members) = shape else { return }
    shape = .object(name, members + [.init(key: key, shape: child, optional: optional)])
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(KeyedProbe<Key>(probe: self))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { ListProbe(probe: self) }
  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    throw JSONMismatch(field: "", message: "no such type in the API")
  }
}

private struct KeyedProbe<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let probe: Probe
  var codingPath: [any CodingKey] { [] }

  /// A map asks which keys there are; one is enough to learn its values' shape.
  var allKeys: [Key] { Key.self == MapKey.self ? [Key(stringValue: "key")].compactMap(\.self) : [] }

  func contains(_ key: Key) -> Bool { true }
  func decodeNil(forKey key: Key) throws -> Bool { false }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    let child = Probe()
    let value = try child.value(type)
    if Key.self == MapKey.self {
      probe.shape = .map(child.shape)
    } else {
      probe.add(JSONKey.text(key), child.shape, optional: false)
    }
    return value
  }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try optional(type, key) }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
    try optional(type, key)
  }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
    try optional(type, key)
  }

  private func optional<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
    let child = Probe()
    let value = try child.value(type)
    probe.add(JSONKey.text(key), child.shape, optional: true)
    return value
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> { try Probe().container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    ListProbe(probe: Probe())
  }
  func superDecoder() throws -> any Decoder { probe }
  func superDecoder(forKey key: Key) throws -> any Decoder { probe }
}

private struct ListProbe: UnkeyedDecodingContainer {
  let probe: Probe
  var codingPath: [any CodingKey] { [] }
  var currentIndex = 0
  var count: Int? { 1 }
  var isAtEnd: Bool { currentIndex > 0 }

  init(probe: Probe) { self.probe = probe }

  mutating func decodeNil() throws -> Bool { false }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
    currentIndex += 1
    let child = Probe()
    let value = try child.value(type)
    probe.shape = .list(child.shape)
    return value
  }
  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) throws -> KeyedDecodingContainer<NestedKey> { try probe.container(keyedBy: type) }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { self }
  mutating func superDecoder() throws -> any Decoder { probe }
}
