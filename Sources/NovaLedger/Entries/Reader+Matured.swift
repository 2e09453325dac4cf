// What a week has really brought: of the revenue what is past its refunds, of the cost all of it. Asked on the thread of
// long questions. Must never count revenue that may still be given back.

internal import NovaModel

extension Reader {
  private static let week = Span.seconds(-7 * 86_400)
  // A payment matures within 400 days of being booked: MoneyText refuses a longer time.
  private static let longest = Span.seconds(-401 * 86_400)

  /// The net profit of the seven days before each moment.
  borrowing func matured(_ moments: [WallTime]) throws(LedgerError) -> [Money] {
    var statement = try connection.prepare(
      """
      SELECT coalesce(sum(amount_micro), 0) FROM entry
        WHERE \(EntryKind.condition(EntryKind.income)) AND booked_usec > ? AND booked_usec <= ? AND pending = 0
        AND max(booked_usec, coalesce(matures_usec, 0)) > ? AND max(booked_usec, coalesce(matures_usec, 0)) <= ?
      """)
    var found: [Money] = []
    for moment in moments {
      let from = moment + Self.week
      let oldest = from + Self.longest
      var revenue: Int64 = 0
      try statement.query([
        .integer(oldest.microseconds), .integer(moment.microseconds), .integer(from.microseconds),
        .integer(moment.microseconds),
      ]) { row in revenue = row.integer(0) }
      var cost = Money.zero
      // The quarter of an hour that is under way belongs to it; one that begins with the moment does not.
      let through = moment + Span(nanoseconds: 899_999_999_000)
      for sum in try sums(SumsQuestion(bounds: [from, through])).values { cost = cost + sum.cost }
      found.append(Money(microUSD: revenue) - cost)
    }
    return found
  }
}
