// JSONValue to Decodable values. Strict when asked: a key that the type does not have is refused by name.
// Must never turn a wrong type into a default.

/// Decodes `value`; `strict` refuses keys that the type did not ask for. Throws JSONMismatch.
func decodeJSON<T: Decodable>(_ type: T.Type, from value: JSONValue, strict: Bool) throws -> T {
  let node = Reader(value: value, place: .top, strict: strict, keys: KeyTexts())
  return try node.decode(type)
}

/// A value that does not fit, with the place such as `targets[2]`.
struct JSONMismatch: Error {
  let field: String
  let message: String
  /// The field exists in no version of the request.
  var unknown = false
}

private final class Reader: Decoder {
  /// Where it is; made a text only for an error, and rows are many.
  enum Place {
    case top
    case member(Reader, String)
    case element(Reader, Int)
  }

  let value: JSONValue
  let place: Place
  let strict: Bool
  let keys: KeyTexts
  /// The keys that the type asked for.
  var wanted: Set<String> = []
  /// It asked for an object whose keys it knows, be they none.
  private var isShaped = false
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// Members are mostly asked for in their order, and each three times (is it there, is it null, its value).
  private var nextMember = 0
  private var last: (key: String, child: Reader?)?

  init(value: JSONValue, place: Place, strict: Bool, keys: KeyTexts) {
    self.value = value
    self.place = place
    self.strict = strict
    self.keys = keys
  }

  /// Such as `targets[2]`; empty for the body itself.
  var path: String {
    switch place {
    case .top: ""
    case .member(let parent, let key): parent.path.isEmpty ? key : parent.path + "." + key
    case .element(let parent, let index): "\(parent.path)[\(index)]"
    }
  }

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    if type == String.self || type == Bool.self || type == Double.self
      || type is any FixedWidthInteger.Type
    {
      return try scalar(type)
    }
    let result: T
    do {
      result = try type.init(from: self)
    } catch let error as DecodingError {
      guard case .dataCorrupted(let context) = error else { throw error }
      if let words = T.self as? any CaseIterable.Type, case .string(let text) = value {
        throw mismatch("there is no \(quoted(text)) (there is \(Self.words(of: words)))")
      }
      throw mismatch(context.debugDescription)
    }
    // Only a type that asked for keys is an object with a known shape.
    if strict, isShaped || !wanted.isEmpty, case .object(let members) = value {
      for member in members where !wanted.contains(member.key) {
        let place = path.isEmpty ? member.key : path + "." + member.key
        throw JSONMismatch(field: place, message: "there is no field \(place)", unknown: true)
      }
    }
    return result
  }

  /// The raw values of an enum, for people.
  private static func words(of type: any CaseIterable.Type) -> String {
    func all<Cases: CaseIterable>(_ type: Cases.Type) -> [String] {
      Cases.allCases.map { (($0 as? any RawRepresentable)?.rawValue as? String) ?? "\($0)" }
    }
    return all(type).joined(separator: ", ")
  }

  private func scalar<T: Decodable>(_ type: T.Type) throws -> T {
    let found: Any?
    switch value {
    case .string(let text): found = text
    case .bool(let flag): found = flag
    case .number(let text):
      if type == Double.self {
        found = Double(text)
      } else if let integer = type as? any FixedWidthInteger.Type {
        found = parse(text, integer)
      } else {
        found = nil
      }
    case .null, .array, .object: found = nil
    }
    guard let result = found as? T else { throw mismatch("expected \(name(of: type))") }
    return result
  }

  private func parse<I: FixedWidthInteger>(_ text: String, _ type: I.Type) -> Any? {
    I(text) ?? Self.whole(text).flatMap { I($0) }
  }

  /// `7.0` and `1.5e3` are whole numbers to JSON, and some libraries write them so: their digits without a point. Exact,
  /// as a Double would not be; nil for what is no whole number or would have more than 40 digits.
  private static func whole(_ text: String) -> String? {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let power = parts.count > 1 ? Int(parts[1]) ?? -1 : 0
    guard parts.count <= 2, mantissa.count <= 2, (0...40).contains(power) else { return nil }
    let fraction = mantissa.count > 1 ? mantissa[1] : ""
    let moved = fraction.prefix(power)
    guard fraction.dropFirst(power).allSatisfy({ $0 == "0" }) else { return nil }
    return String(mantissa[0]) + moved + String(repeating: "0", count: power - moved.count)
  }

  private func name<T>(of type: T.Type) -> String {
    if type == String.self { return "a string" }
    if type == Bool.self { return "true or false" }
    if let integer = type as? any FixedWidthInteger.Type { return range(integer) }
    return "a number"
  }

  private func range<I: FixedWidthInteger>(_ type: I.Type) -> String {
    "a whole number from \(I.min) to \(I.max)"
  }

  func mismatch(_ message: String) -> JSONMismatch {
    JSONMismatch(
      field: path, message: path.isEmpty ? "the body: \(message)" : "\(path): \(message)")
  }

  func child(_ key: String) -> Reader? {
    if let last, last.key == key { return last.child }
    if strict { wanted.insert(key) }
    let child = find(key).map {
      Reader(value: $0, place: .member(self, key), strict: strict, keys: keys)
    }
    last = (key, child)
    return child
  }

  private func find(_ key: String) -> JSONValue? {
    guard case .object(let members) = value else { return nil }
    if nextMember < members.count, members[nextMember].key == key {
      nextMember += 1
      return members[nextMember - 1].value
    }
    guard let index = members.firstIndex(where: { $0.key == key }) else { return nil }
    nextMember = index + 1
    return members[index].value
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let members) = value else { throw mismatch("expected an object") }
    // A type without any key has a shape as well: nothing is in it.
    if Key.self != MapKey.self { isShaped = true }
    return KeyedDecodingContainer(KeyedReader<Key>(node: self, members: members))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = value else { throw mismatch("expected an array") }
    return ListReader(node: self, elements: elements)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    SingleReader(node: self)
  }
}

private struct KeyedReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let node: Reader
  let members: [JSONValue.Member]
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { members.compactMap { Key(stringValue: $0.key) } }

  func contains(_ key: Key) -> Bool { node.child(node.keys.text(key)) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try existing(key).value == .null }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    try existing(key).decode(type)
  }

  private func existing(_ key: Key) throws -> Reader {
    let text = node.keys.text(key)
    guard let child = node.child(text) else {
      let place = node.path.isEmpty ? text : node.path + "." + text
      throw JSONMismatch(field: place, message: "\(place) is missing")
    }
    return child
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> { try existing(key).container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try existing(key).unkeyedContainer()
  }
  func superDecoder() throws -> any Decoder { node }
  func superDecoder(forKey key: Key) throws -> any Decoder { try existing(key) }
}

private struct ListReader: UnkeyedDecodingContainer {
  let node: Reader
  let elements: [JSONValue]
  var currentIndex = 0
  var codingPath: [any CodingKey] { [] }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  init(node: Reader, elements: [JSONValue]) {
    self.node = node
    self.elements = elements
  }

  private mutating func next() throws -> Reader {
    guard !isAtEnd else { throw node.mismatch("too few elements") }
    defer { currentIndex += 1 }
    return Reader(
      value: elements[currentIndex], place: .element(node, currentIndex), strict: node.strict,
      keys: node.keys)
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, elements[currentIndex] == .null else { return false }
    currentIndex += 1
    return true
  }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decode(type) }
  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) throws -> KeyedDecodingContainer<NestedKey> { try next().container(keyedBy: type) }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next().unkeyedContainer()
  }
  mutating func superDecoder() throws -> any Decoder { try next() }
}

private struct SingleReader: SingleValueDecodingContainer {
  let node: Reader
  var codingPath: [any CodingKey] { [] }
  func decodeNil() -> Bool { node.value == .null }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try node.decode(type) }
}
