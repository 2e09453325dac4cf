// Money: integers of a millionth of a US dollar. Must never pass through a floating-point number.

/// An amount in micro-USD.
package struct Money: Sendable, Hashable, Comparable {
  /// Millionths of a US dollar; negative is owed.
  package let microUSD: Int64

  /// An amount of that many micro-USD.
  package init(microUSD: Int64) { self.microUSD = microUSD }

  /// Nothing at all, which is not the same as unknown.
  package static let zero = Money(microUSD: 0)

  /// Orders by amount.
  package static func < (a: Money, b: Money) -> Bool { a.microUSD < b.microUSD }
  /// The sum; traps on overflow (range is 9.2e12 USD).
  package static func + (a: Money, b: Money) -> Money { Money(microUSD: a.microUSD + b.microUSD) }
  /// The difference; traps on overflow.
  package static func - (a: Money, b: Money) -> Money { Money(microUSD: a.microUSD - b.microUSD) }

  /// Decimal text with six places, such as `0.053100`: the form of JSON and of the ledger.
  package var decimal: String {
    var text: [UInt8] = []
    text.reserveCapacity(21)
    appendDecimal(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// The same text as bytes.
  package func appendDecimal(to out: inout [UInt8]) {
    if microUSD < 0 { out.append(UInt8(ascii: "-")) }
    let (whole, fraction) = microUSD.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
    var unit: UInt64 = 1
    while whole / unit >= 10 { unit *= 10 }
    while unit > 0 {
      out.append(UInt8(ascii: "0") + UInt8(whole / unit % 10))
      unit /= 10
    }
    out.append(UInt8(ascii: "."))
    unit = 100_000
    while unit > 0 {
      out.append(UInt8(ascii: "0") + UInt8(fraction / unit % 10))
      unit /= 10
    }
  }

  /// Parses decimal text with at most six places: `12`, `0.05`, `-1.250000`. Nil for anything else.
  package init?(decimal text: String) {
    guard let value = DecimalText.scaled(text, places: 6) else { return nil }
    microUSD = value
  }
}

/// A price in pico-USD (1e-12), the unit in which rates are exact before they are multiplied.
package struct Price: Sendable, Hashable {
  /// Millionths of a millionth of a US dollar.
  package let picoUSD: Int64

  /// A price of that many pico-USD.
  package init(picoUSD: Int64) { self.picoUSD = picoUSD }

  /// Decimal text with six places at least and twelve at most, such as `0.000003` or `0.054399000001`.
  package var decimal: String {
    let magnitude = picoUSD.magnitude
    let digits = String(magnitude % 1_000_000_000_000)
    var fraction = String(repeating: "0", count: 12 - digits.count) + digits
    while fraction.utf8.count > 6, fraction.hasSuffix("0") { fraction.removeLast() }
    return (picoUSD < 0 ? "-" : "") + String(magnitude / 1_000_000_000_000) + "." + fraction
  }

  /// Parses decimal text with at most twelve places. Nil for anything else.
  package init?(decimal text: String) {
    guard let value = DecimalText.scaled(text, places: 12) else { return nil }
    picoUSD = value
  }
}

/// Decimal text to a scaled integer, without a floating-point number in between.
package enum DecimalText {
  /// The integer `text * 10^places`; nil when malformed, too precise or out of range.
  package static func scaled(_ text: String, places: Int) -> Int64? {
    var negative = false
    var whole = 0
    var seenPoint = false
    var fraction = 0
    var value: Int64 = 0
    for (index, byte) in text.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "-") where index == 0: negative = true
      case UInt8(ascii: ".") where !seenPoint && whole > 0: seenPoint = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if seenPoint { fraction += 1 } else { whole += 1 }
        guard fraction <= places else { return nil }
        let (times, over) = value.multipliedReportingOverflow(by: 10)
        let (sum, more) = times.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
        guard !over, !more else { return nil }
        value = sum
      default: return nil
      }
    }
    guard whole > 0, !seenPoint || fraction > 0 else { return nil }
    for _ in fraction..<places {
      let (times, over) = value.multipliedReportingOverflow(by: 10)
      guard !over else { return nil }
      value = times
    }
    return negative ? -value : value
  }
}
