// What the books say of a worker, compared with thresholds without a division: a return is revenue against a multiple of
// the cost. Must never turn an absent return into zero.

package import NovaModel

/// A return on investment.
package enum ROI: Sendable, Hashable {
  case percent(Double)
  /// Nothing was spent and nothing earned, or nobody has said what was earned.
  case noData
  /// Nothing was spent and something earned: above every threshold.
  case noCost

  /// 100 (R - C)/C.
  package init(revenue: Money, cost: Money) {
    if cost > .zero {
      self = .percent(100 * (revenue.usd - cost.usd) / cost.usd)
    } else {
      self = revenue > .zero ? .noCost : .noData
    }
  }

  /// The figure; nil where there is none.
  package var percent: Double? { if case .percent(let value) = self { value } else { nil } }

  /// For people: `+123.4 %`, one decimal.
  package var spoken: String {
    switch self {
    case .percent(let value): Spoken.signedPercent(value)
    case .noData: "unknown"
    case .noCost: "without bound (nothing spent)"
    }
  }
}

extension WorkerFacts {
  /// The return of the epoch as it was booked.
  package var roi: ROI { isRevenueKnown ? ROI(revenue: revenue, cost: cost) : .noData }

  /// Whether revenue is below `1 + percent/100` times the cost; exact, and false while there is neither.
  package func isBelow(percent: Int) -> Bool {
    isRevenueKnown
      && Int128(revenue.microUSD) * 100 < Int128(cost.microUSD) * Int128(100 + percent)
  }

  /// Whether revenue is above `1 + percent/100` times the cost; exact.
  package func isAbove(percent: Int) -> Bool {
    isRevenueKnown
      && Int128(revenue.microUSD) * 100 > Int128(cost.microUSD) * Int128(100 + percent)
  }

  /// Whether more than `percent` of the finished runs went well; false before the first.
  package func succeedsAbove(percent: Int) -> Bool { okRuns * 100 > runs * percent }

  /// Share of starts that ended in a crash, 0...1; nil before the first.
  package var crashShare: Double? { starts > 0 ? Double(crashes) / Double(starts) : nil }

  /// Mean cost of a run, USD; nil before the first or while nothing was spent.
  package var runCost: Double? {
    if runs > 0, cost > .zero { return cost.usd / Double(runs) }
    return nil
  }

  /// Runs a day of one instance as the epoch goes, with at least a minute behind it.
  package var runsPerDay: Double? {
    guard runs > 0, epochSeconds > 0 else { return nil }
    return Double(runs) * 86_400 / Double(max(60, epochSeconds)) / Double(max(1, instances))
  }

  /// The posterior mean of revenue per dollar.
  package var yield: Double {
    WaterFilling.shrunkYield(
      revenue: evaluatedRevenue.usd, discountedCost: evaluatedCost.usd, runCost: runCost ?? 0.5)
  }

  /// The same for a first instance: what more of them cost is discounted by their falling returns, y = f(n)/n.
  package var firstYield: Double {
    let count = Double(max(1, instances))
    return WaterFilling.shrunkYield(
      revenue: evaluatedRevenue.usd,
      discountedCost: evaluatedCost.usd * ScalingReturns(beta: beta).yield(count) / count,
      runCost: runCost ?? 0.5)
  }
}

/// Numbers for people.
enum Spoken {
  /// `+12.3 %`.
  static func signedPercent(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return "beyond all bounds" }
    let tenths = Int64((value * 10).rounded())
    let magnitude = tenths.magnitude
    return (tenths < 0 ? "-" : "+") + "\(magnitude / 10).\(magnitude % 10) %"
  }

  /// `12.3`.
  static func tenths(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return "very many" }
    let tenths = Int64((value * 10).rounded())
    return (tenths < 0 ? "-" : "") + "\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
  }

  /// `$1.23`, to the cent; below ten cents to the last place that is not zero.
  static func dollars(_ money: Money) -> String {
    if money.microUSD.magnitude < 100_000, !money.microUSD.isMultiple(of: 10_000) {
      var digits = String(1_000_000 + money.microUSD.magnitude).dropFirst()
      while digits.last == "0" { digits.removeLast() }
      return (money.microUSD < 0 ? "-$0." : "$0.") + digits
    }
    let cents = (Double(money.microUSD) / 10_000).rounded()
    let whole = Int64(cents).magnitude
    let rest = whole % 100
    return (cents < 0 ? "-$" : "$") + "\(whole / 100)." + (rest < 10 ? "0" : "") + "\(rest)"
  }

  /// `[-50 %, +300 %]`, with an open end as `?`.
  static func interval(_ lower: Int?, _ upper: Int?) -> String {
    func end(_ value: Int?) -> String { value.map { ($0 < 0 ? "" : "+") + "\($0) %" } ?? "?" }
    return "[\(end(lower)), \(end(upper))]"
  }
}
