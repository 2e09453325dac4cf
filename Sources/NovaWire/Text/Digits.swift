// Decimal digits in bytes, the piece that every text form here is made of. Must never overflow or trap.

/// Reads unsigned decimal numbers from bytes.
enum Digits {
  /// Whether a byte is 0 to 9.
  static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  /// Appends a whole number in decimal, without a string in between.
  static func append(_ value: some FixedWidthInteger, to out: inout [UInt8]) {
    if value < 0 { out.append(UInt8(ascii: "-")) }
    var rest = UInt64(clamping: value.magnitude)
    // 2^64 - 1 has 20 digits.
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var count = 0
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      digits[count] = UInt8(ascii: "0") + UInt8(digit)
      rest = quotient
      count += 1
    } while rest > 0
    for index in stride(from: count - 1, through: 0, by: -1) { out.append(digits[index]) }
  }

  /// The number that starts at `index`, which moves behind it. Nil without a digit or beyond Int64.
  static func take(_ bytes: [UInt8], _ index: inout Int) -> Int64? {
    let start = index
    var value: Int64 = 0
    while index < bytes.count, isDigit(bytes[index]) {
      let (times, over) = value.multipliedReportingOverflow(by: 10)
      let (sum, more) = times.addingReportingOverflow(Int64(bytes[index] - UInt8(ascii: "0")))
      guard !over, !more else { return nil }
      value = sum
      index += 1
    }
    return index > start ? value : nil
  }

  /// The whole text as a number. Nil for an empty text, a sign, or any other byte.
  static func whole(_ text: some StringProtocol) -> Int64? {
    let bytes = Array(text.utf8)
    var index = 0
    guard let value = take(bytes, &index), index == bytes.count else { return nil }
    return value
  }
}
