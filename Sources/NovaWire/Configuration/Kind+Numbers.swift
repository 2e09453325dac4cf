// The kinds of the configuration that are counted: whole numbers, durations, sizes, percentages, money.
// Must never pass through a floating-point number.

import NovaModel

extension Kind where Value: FixedWidthInteger {
  /// A whole number in a range, unquoted.
  static func whole(_ range: ClosedRange<Value>) -> Kind {
    Kind { (node) throws(Refusal) in
      let text = try node.text("a whole number")
      guard case .scalar(_, plain: true) = node.content else {
        throw Refusal("must be a whole number, not text in quotes")
      }
      let magnitude = text.hasPrefix("-") ? text.dropFirst() : text[...]
      guard !magnitude.isEmpty, magnitude.utf8.allSatisfy(Digits.isDigit) else {
        throw Refusal("\(quoted(text)) is not a whole number")
      }
      guard let value = Value(text), range.contains(value) else {
        throw Refusal(
          "\(quoted(text)) is not between \(range.lowerBound) and \(range.upperBound)")
      }
      return value
    }
  }
}

extension Kind where Value == Int {
  /// A percentage, with or without its sign.
  static func percent(_ range: ClosedRange<Int>) -> Kind {
    .scalar("a percentage") { (text) throws(Refusal) in
      guard let value = PercentText.parse(text) else {
        throw Refusal("\(quoted(text)) is not a whole percentage (such as 150%)")
      }
      guard range.contains(value) else {
        throw Refusal(
          "\(quoted(text)) is not between \(range.lowerBound)% and \(range.upperBound)%")
      }
      return value
    }
  }
}

extension Kind where Value == Span {
  /// A duration in a range.
  static func duration(_ range: ClosedRange<Span> = .zero ... .seconds(1000 * 86_400)) -> Kind {
    .scalar("a duration") { (text) throws(Refusal) in
      guard let span = DurationText.parse(text) else {
        let bare = Digits.whole(text) != nil
        throw Refusal(
          "\(quoted(text)) is not a duration (such as 500ms, 10s, 5m, 24h or 7d)",
          suggestion: bare && text.utf8.count < 10 ? text + "s" : nil)
      }
      guard range.contains(span) else {
        throw Refusal(
          "\(quoted(text)) is not between \(DurationText.print(range.lowerBound)) and "
            + DurationText.print(range.upperBound))
      }
      return span
    }
  }

  /// A duration that is not zero.
  static var positiveDuration: Kind {
    duration().checked { (span) throws(Refusal) in
      if span == .zero { throw Refusal("must be longer than 0s") }
    }
  }
}

extension Kind where Value == UInt64 {
  /// A size in bytes, at least `minimum`.
  static func size(atLeast minimum: UInt64) -> Kind {
    .scalar("a size") { (text) throws(Refusal) in
      guard let size = SizeText.parse(text) else {
        throw Refusal("\(quoted(text)) is not a size (such as 64K, 512M or 2G)")
      }
      guard size >= minimum else {
        throw Refusal("\(quoted(text)) is less than \(SizeText.print(minimum))")
      }
      return size
    }
  }
}

extension Kind where Value == Money {
  /// An amount in USD, not negative.
  static var money: Kind {
    .scalar("an amount in USD") { (text) throws(Refusal) in
      guard let money = Money(decimal: text) else {
        throw Refusal(
          "\(quoted(text)) is not an amount in USD (such as 0.05 or 100; at most 6 decimals)")
      }
      guard money >= .zero else { throw Refusal("\(quoted(text)) is negative") }
      return money
    }
  }
}

extension Kind where Value == Price {
  /// A price in USD, not negative.
  static var price: Kind {
    .scalar("a price in USD") { (text) throws(Refusal) in
      guard let price = Price(decimal: text) else {
        throw Refusal(
          "\(quoted(text)) is not a price in USD (such as 0.031611; at most 12 decimals)")
      }
      guard price.picoUSD >= 0 else { throw Refusal("\(quoted(text)) is negative") }
      // A million dollars a day: a misplaced decimal point, not a price.
      guard price.picoUSD <= 41_666 * 1_000_000_000_000 else {
        throw Refusal(
          "\(quoted(text)) is more than 41666 USD an hour (is the decimal point right?)")
      }
      return price
    }
  }
}

extension Kind where Value == Int64 {
  /// A decimal factor in thousandths.
  static func thousandths(_ range: ClosedRange<Int64>) -> Kind {
    .scalar("a number") { (text) throws(Refusal) in
      guard let value = DecimalText.scaled(text, places: 3) else {
        throw Refusal("\(quoted(text)) is not a number (such as 2 or 1.5; at most 3 decimals)")
      }
      guard range.contains(value) else {
        throw Refusal(
          "\(quoted(text)) is not between \(range.lowerBound / 1000) and \(range.upperBound / 1000)"
        )
      }
      return value
    }
  }
}

extension Kind where Value == UInt32 {
  /// A file mode in octal digits.
  static var umask: Kind {
    .scalar("an octal number") { (text) throws(Refusal) in
      guard (1...4).contains(text.utf8.count), let value = UInt32(text, radix: 8), value <= 0o777
      else { throw Refusal("\(quoted(text)) is not an octal file mode (such as 0022)") }
      return value
    }
  }
}

extension Kind where Value == Int32 {
  /// A signal by name or number.
  static var signal: Kind {
    .scalar("a signal") { (text) throws(Refusal) in
      guard let number = SignalName.number(text) else {
        throw Refusal(
          "there is no signal \(quoted(text))",
          suggestion: EditDistance.nearest(to: text, among: SignalName.all))
      }
      return number
    }
  }
}
