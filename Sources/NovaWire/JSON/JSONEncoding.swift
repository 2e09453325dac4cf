// Encodable values to JSONValue, keys in the order of the type's declaration and nil as null. This is why
// Foundation's encoder is not used: it omits nil and loses the order, and both are the contract here.

/// The value that an Encodable describes.
func encodeJSON(_ value: some Encodable) throws -> JSONValue {
  let node = Node(keys: KeyTexts())
  try node.encode(value)
  return node.value
}

/// The JSON keys met so far: a list of rows asks for the same few again and again.
final class KeyTexts {
  private var texts: [String: String] = [:]

  func text(_ key: some CodingKey) -> String {
    if key is MapKey { return key.stringValue }
    if let text = texts[key.stringValue] { return text }
    let text = JSONKey.text(key)
    texts[key.stringValue] = text
    return text
  }
}

/// A place in the tree that is being built. A class because containers of the Encoder protocol outlive
/// the call that made them.
private final class Node: Encoder {
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }
  private let keys: KeyTexts
  private var leaf: JSONValue = .null
  private var members: [(key: String, part: Part)]?
  private var elements: [Part]?

  /// What is known at once needs no node of its own: nine of ten fields of a row.
  private enum Part {
    case leaf(JSONValue)
    case node(Node)

    var value: JSONValue {
      switch self {
      case .leaf(let value): value
      case .node(let node): node.value
      }
    }
  }

  init(keys: KeyTexts) { self.keys = keys }

  var value: JSONValue {
    if let members { return .object(members.map { .init($0.key, $0.part.value) }) }
    if let elements { return .array(elements.map(\.value)) }
    return leaf
  }

  func encode(_ value: some Encodable) throws {
    if let simple = Self.leaf(of: value) { leaf = simple } else { try value.encode(to: self) }
  }

  static func leaf(of value: some Encodable) -> JSONValue? {
    switch value {
    case let text as String: .string(text)
    case let flag as Bool: .bool(flag)
    case let real as Double: .real(real)
    // The integers of the API by name: a cast to an existential costs a look-up of conformances each time.
    case let number as Int: .integer(number)
    case let number as Int32: .integer(number)
    case let number as Int64: .integer(number)
    case let number as UInt64: .integer(number)
    case let number as any BinaryInteger: .number("\(number)")
    default: nil
    }
  }

  /// Writes one member; nil as null.
  func put(_ value: (some Encodable)?, _ key: some CodingKey) throws {
    guard let value else { return append(.null, key) }
    if let simple = Self.leaf(of: value) { return append(simple, key) }
    try child(key).encode(value)
  }

  private func append(_ value: JSONValue, _ key: some CodingKey) {
    let text = keys.text(key)
    if members == nil { members = [] }
    members?.append((text, .leaf(value)))
  }

  func child(_ key: some CodingKey) -> Node { child(named: keys.text(key)) }

  func child(named key: String) -> Node {
    let node = Node(keys: keys)
    if members == nil { members = [] }
    members?.append((key, .node(node)))
    return node
  }

  func element() -> Node {
    let node = Node(keys: keys)
    if elements == nil { elements = [] }
    elements?.append(.node(node))
    return node
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    members = members ?? []
    return KeyedEncodingContainer(Keyed<Key>(node: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    elements = elements ?? []
    return Unkeyed(node: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { Single(node: self) }
}

private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: Node
  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) throws { _ = node.child(key) }
  func encode(_ value: some Encodable, forKey key: Key) throws {
    try node.put(value, key)
  }
  /// The synthesized code of every optional property comes through one of these; nil is written as null.
  func encodeIfPresent(_ value: (some Encodable)?, forKey key: Key) throws {
    try node.put(value, key)
  }
  func encodeIfPresent(_ value: Bool?, forKey key: Key) throws {
    try optional(value, key)
  }
  func encodeIfPresent(_ value: String?, forKey key: Key) throws {
    try optional(value, key)
  }
  func encodeIfPresent(_ value: Double?, forKey key: Key) throws {
    try optional(value, key)
  }
  func encodeIfPresent(_ value: Float?, forKey key: Key) throws {
    try optional(value, key)
  }
  func encodeIfPresent(_ value: Int?, forKey key: Key) throws {
    try optional(value, key)
  }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) throws {
    try optional(value, key)
  }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) throws {
    try optional(value, key)
  }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) throws {
    try optional(value, key)
  }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) throws {
    try optional(value, key)
  }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) throws {
    try optional(value, key)
  }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws {
    try optional(value, key)
  }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws {
    try optional(value, key)
  }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws {
    try optional(value, key)
  }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws {
    try optional(value, key)
  }
  private func optional(_ value: (some Encodable)?, _ key: Key) throws {
    try node.put(value, key)
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    node.child(key).container(keyedBy: type)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    node.child(key).unkeyedContainer()
  }
  func superEncoder() -> any Encoder { node.child(named: "super") }
  func superEncoder(forKey key: Key) -> any Encoder { node.child(key) }
}

private struct Unkeyed: UnkeyedEncodingContainer {
  let node: Node
  var count = 0
  var codingPath: [any CodingKey] { [] }

  init(node: Node) { self.node = node }
  private mutating func next() -> Node {
    count += 1
    return node.element()
  }

  mutating func encodeNil() throws { _ = next() }
  mutating func encode(_ value: some Encodable) throws { try next().encode(value) }
  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) -> KeyedEncodingContainer<NestedKey> { next().container(keyedBy: type) }
  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    next().unkeyedContainer()
  }
  mutating func superEncoder() -> any Encoder { next() }
}

private struct Single: SingleValueEncodingContainer {
  let node: Node
  var codingPath: [any CodingKey] { [] }
  func encodeNil() throws {}
  func encode(_ value: some Encodable) throws { try node.encode(value) }
}
