// Amounts, ids and times from outside, checked. Must never let through what the ledger would refuse later: whoever sent
// it is told at once, and nothing of it is booked.

package import NovaModel
package import NovaWire

/// Reads what people, workers and platforms say about money.
package enum MoneyText {
  /// 10 million dollars, the most that one entry may be.
  static let largest: Int64 = 10_000_000_000_000
  /// Clocks of others may be ahead of ours by so much.
  static let skew = Span.seconds(300)
  /// 2000-01-01: no payment is older.
  static let earliest = WallTime(microseconds: 946_684_800_000_000)

  /// An amount of zero or more.
  package static func amount(_ text: String, _ field: String) throws(APIError) -> Money {
    guard text.utf8.count <= 40 else {
      throw APIError(.badRequest, "\(field) is no amount of money", field: field)
    }
    guard let money = Money(decimal: text) else {
      let digits = text.split(separator: ".", omittingEmptySubsequences: false)
      if digits.count == 2, digits[1].utf8.count > 6,
        digits[1].utf8.allSatisfy({ (0x30...0x39).contains($0) })
      {
        throw APIError(
          .badRequest,
          "\(field) has more than six decimals: a millionth of a dollar is the smallest amount",
          field: field)
      }
      throw APIError(
        .badRequest,
        "\(field) must be a decimal amount such as 12.50, not \(CleanText.forTerminal(text))",
        field: field)
    }
    guard money >= .zero else {
      throw APIError(
        .badRequest, "\(field) is negative (a refund has its own kind)", field: field)
    }
    guard money.microUSD <= largest else {
      throw APIError(.badRequest, "\(field) is more than 10,000,000 USD", field: field)
    }
    return money
  }

  /// A name of at most `limit` bytes without control characters.
  package static func name(_ text: String, _ field: String, limit: Int) throws(APIError) -> String {
    guard !text.isEmpty, text.utf8.count <= limit else {
      throw APIError(.badRequest, "\(field) must be 1 to \(limit) bytes", field: field)
    }
    guard CleanText.forTerminal(text) == text,
      !text.unicodeScalars.contains(where: { $0.value < 32 })
    else { throw APIError(.badRequest, "\(field) holds control characters", field: field) }
    return text
  }

  /// A source: a lower-case word such as `stripe`.
  package static func source(_ text: String, _ field: String = "source") throws(APIError) -> String
  {
    let isFine =
      (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "_.-".utf8.contains($0)
      }
    guard isFine else {
      throw APIError(.badRequest, "\(field) must be a lower-case word such as stripe", field: field)
    }
    guard text != "compute" && text != "idle" else {
      throw APIError(.badRequest, "\(field) \(text) is the supervisor's own", field: field)
    }
    return text
  }

  /// A time that is neither before 2000 nor ahead of `now` by more than five minutes.
  package static func time(_ text: String, _ field: String, now: WallTime) throws(APIError)
    -> WallTime
  {
    guard let time = WallTime(rfc3339: text) else {
      throw APIError(
        .badRequest, "\(field) must be a time such as 2026-01-31T12:00:00Z", field: field)
    }
    guard time >= earliest else {
      throw APIError(.badRequest, "\(field) is before the year 2000", field: field)
    }
    guard time <= now + skew else {
      throw APIError(
        .badRequest,
        "\(field) is in the future: one of the two clocks is wrong (here it is \(now.rfc3339))",
        field: field)
    }
    return time
  }

  /// ISO 4217 with its number of decimals; nil for a code that is not in use.
  package static func decimals(of currency: String) -> Int? {
    if [
      "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
      "XAF", "XOF", "XPF",
    ].contains(currency) {
      return 0
    }
    if ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"].contains(currency) { return 3 }
    let two =
      "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY "
      + "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
      + "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR "
      + "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
      + "SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG"
    return two.split(separator: " ").contains { $0 == currency } ? 2 : nil
  }
}
