// An amount of US dollars for people who write workers. Must never pass through a floating-point number.

/// US dollars, exact to a millionth: `USD("0.05")`, or the literal `"0.05"` where a `USD` is expected.
public struct USD: Sendable, Hashable, Comparable, CustomStringConvertible,
  ExpressibleByStringLiteral
{
  /// Millionths of a dollar.
  public let micros: Int64

  /// An amount of that many millionths of a dollar.
  public init(micros: Int64) { self.micros = micros }

  /// An amount of that many cents.
  public init(cents: Int64) { micros = cents * 10_000 }

  /// Decimal text with at most twelve places before the point and six after it; nil for anything else.
  public init?(_ text: some StringProtocol) {
    var value: Int64 = 0
    var whole = 0
    var fraction: Int?
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if let places = fraction { fraction = places + 1 } else { whole += 1 }
        guard whole <= 12, fraction ?? 0 <= 6 else { return nil }
        value = value * 10 + Int64(byte - UInt8(ascii: "0"))
      case UInt8(ascii: ".") where fraction == nil && whole > 0: fraction = 0
      default: return nil
      }
    }
    guard whole > 0, fraction != 0 else { return nil }
    for _ in (fraction ?? 0)..<6 { value *= 10 }
    micros = value
  }

  /// A literal such as `"12.50"`. One that is no amount is a mistake of the programmer and stops the program.
  public init(stringLiteral text: String) {
    guard let amount = USD(text) else {
      preconditionFailure("\"\(text)\" is not an amount of dollars such as \"12.50\"")
    }
    self = amount
  }

  /// Decimal text with six places: `0.050000`.
  public var description: String {
    let fraction = String(micros.magnitude % 1_000_000)
    return (micros < 0 ? "-" : "") + String(micros.magnitude / 1_000_000) + "."
      + String(repeating: "0", count: 6 - fraction.count) + fraction
  }

  /// Orders by amount.
  public static func < (a: USD, b: USD) -> Bool { a.micros < b.micros }
  /// The sum; stops the program on overflow (the range is 9.2e12 dollars).
  public static func + (a: USD, b: USD) -> USD { USD(micros: a.micros + b.micros) }
  /// The difference.
  public static func - (a: USD, b: USD) -> USD { USD(micros: a.micros - b.micros) }
}
