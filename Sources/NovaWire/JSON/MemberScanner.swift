// The members of an object read one after the other from bytes, in the order of the contract.
// Must never guess: whatever is not as expected is a failure, and the general way then says what is wrong.

/// Reads members in the order in which they are written.
struct MemberScanner {
  private var json: JSONScanner
  /// Something was not as expected.
  private(set) var failed = false

  init(_ bytes: [UInt8]) { json = JSONScanner(bytes) }

  /// Takes what stands between values; false when something else is there.
  mutating func take(_ scalar: Unicode.Scalar) -> Bool { json.take(scalar) }

  /// Nothing but blanks is left.
  mutating func isAtEnd() -> Bool {
    json.skipSpace()
    return json.next == nil
  }

  /// Takes a key as it stands in the text, from the bracket or comma before it to its colon.
  private mutating func key(_ literal: StaticString) -> Bool {
    if failed || !json.take(exactly: literal) { failed = true }
    return !failed
  }

  /// A number, a text or whatever else is there is null.
  private mutating func isNull() -> Bool {
    json.next == UInt8(ascii: "n") && json.take(exactly: "null")
  }

  mutating func text(_ literal: StaticString) -> String? {
    guard key(literal), !isNull() else { return nil }
    let start = json.at
    guard let range = json.string() else { return fail() }
    // A control character or an escape is for the parser, which knows what may stand there.
    let isPlain = json.bytes[range].allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\\") }
    if isPlain { return String(validating: json.bytes[range], as: UTF8.self) ?? fail() }
    return (try? JSONParser.parse(Array(json.bytes[start..<json.at])))?.text ?? fail()
  }

  mutating func number<N: FixedWidthInteger>(_ literal: StaticString) -> N? {
    guard key(literal), !isNull() else { return nil }
    let isNegative = json.next == UInt8(ascii: "-")
    if isNegative { json.at += 1 }
    let start = json.at
    var value: N = 0
    while let byte = json.next, Digits.isDigit(byte) {
      let (times, over) = value.multipliedReportingOverflow(by: 10)
      let digit = N(byte - UInt8(ascii: "0"))
      let (sum, more) =
        isNegative
        ? times.subtractingReportingOverflow(digit) : times.addingReportingOverflow(digit)
      guard !over, !more else { return fail() }
      value = sum
      json.at += 1
    }
    let count = json.at - start
    // No digits, a zero in front, a fraction or an exponent.
    guard count > 0, count == 1 || json.bytes[start] != UInt8(ascii: "0"), isAtSeparator else {
      return fail()
    }
    return value
  }

  mutating func real(_ literal: StaticString) -> Double? {
    guard key(literal), !isNull() else { return nil }
    guard let range = json.value(),
      case .number(let text)? = try? JSONParser.parse(Array(json.bytes[range])),
      let value = Double(text)
    else { return fail() }
    return value
  }

  mutating func flag(_ literal: StaticString) -> Bool? {
    guard key(literal), !isNull() else { return nil }
    if json.take(exactly: "true") { return true }
    if json.take(exactly: "false") { return false }
    return fail()
  }

  /// An object, whose members `body` reads from the bracket on.
  mutating func object<Value>(
    _ literal: StaticString, _ body: (inout MemberScanner) -> Value?
  ) -> Value? {
    guard key(literal), !isNull() else { return nil }
    guard let value = body(&self), !failed else { return fail() }
    endObject()
    return value
  }

  /// Passes over members that a newer supervisor has added, and the end of the object.
  mutating func endObject() {
    while !failed, !json.take("}") {
      guard json.take(","), json.string() != nil, json.take(":"), json.value() != nil else {
        failed = true
        return
      }
    }
  }

  private var isAtSeparator: Bool {
    json.next == UInt8(ascii: ",") || json.next == UInt8(ascii: "}")
  }

  private mutating func fail<T>() -> T? {
    failed = true
    return nil
  }
}
