// Many workers tested together: the e-BH procedure keeps the share of wrong ones among those acted upon at q, however
// the tests depend on each other (Wang and Ramdas).

/// Which of several tests may be acted upon together.
package enum FleetControl {
  /// The share of false discoveries that is tolerated.
  package static let usualShare = 0.10

  /// The thresholds N/(k q) for k = 1...count.
  package static func thresholds(count: Int, share: Double = usualShare) -> [Double] {
    guard count > 0 else { return [] }
    return (1...count).map { Double(count) / (Double($0) * share) }
  }

  /// The positions that are selected: the k* largest, where k* is the largest k whose k-th largest reaches N/(k q).
  /// Values are logarithms; equal ones are taken in the order given. `count`: how many are tested, where those that may
  /// not be selected were left out.
  package static func selected(
    lnValues: [Double], of count: Int? = nil, share: Double = usualShare
  ) -> [Int] {
    let order = lnValues.indices.sorted {
      lnValues[$0] != lnValues[$1] ? lnValues[$0] > lnValues[$1] : $0 < $1
    }
    var most = 0
    for index in order.indices {
      let threshold = Double(count ?? lnValues.count) / (Double(index + 1) * share)
      if lnValues[order[index]] >= Real.ln(threshold) { most = index + 1 }
    }
    return order.prefix(most).sorted()
  }

  /// No threshold is below 1/q: a value below that is never selected, however many are tested.
  package static func mayBeSelected(lnValue: Double, share: Double = usualShare) -> Bool {
    lnValue >= -Real.ln(share) - 1e-9
  }
}
