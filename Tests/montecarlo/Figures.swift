// Published figures beside simulated ones, and how many standard errors are between them. Both were drawn at random, so
// the error of a difference is that of both. Must never call a figure reproduced that was not compared.

import Glibc
import NovaEconomics

/// How many paths the published figures rest on.
let publishedPaths = 4000.0

func say(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  _ = unsafe write(STDOUT_FILENO, bytes, bytes.count)
}

/// What was compared so far.
struct Account {
  var compared = 0
  var beyond: [String] = []
  var worst = 0.0

  /// Notes a distance in standard errors; returns the mark that stands behind a figure beyond three of them.
  mutating func note(_ distance: Double, _ what: String) -> String {
    compared += 1
    worst = max(worst, distance)
    guard distance > 3 else { return "" }
    beyond.append("\(what): \(decimal(distance, 1)) standard errors")
    return "!"
  }
}

/// A number with so many places.
func decimal(_ value: Double, _ places: Int) -> String {
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  let whole = Int((value.magnitude * scale).rounded())
  let sign = value < 0 && whole > 0 ? "-" : ""
  guard places > 0 else { return sign + "\(whole)" }
  let part = String(whole % Int(scale))
  return sign + "\(whole / Int(scale))." + String(repeating: "0", count: places - part.utf8.count)
    + part
}

func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// The distance of a share from a published one, given in percent with one decimal.
func distance(share: Double, of paths: Int, published percent: Double) -> Double {
  let other = percent / 100
  let n = Double(paths)
  // Half a case more on each side: a share of nothing has an error too.
  let pooled = (share * n + other * publishedPaths + 1) / (n + publishedPaths + 2)
  let error = (pooled * (1 - pooled) * (1 / n + 1 / publishedPaths)).squareRoot()
  return max(0, (share - other).magnitude - 0.0005) / error
}

/// The distance of a median: how far the published one is from the middle of what was found, by rank.
func distance(median published: Int, of found: [Int], publishedCount: Double) -> Double {
  guard !found.isEmpty, publishedCount > 0 else { return 0 }
  let n = Double(found.count)
  let below = Double(found.count { $0 < published }) / n
  let upTo = Double(found.count { $0 <= published }) / n
  let off = max(0, max(below - 0.5, 0.5 - upTo))
  return off / (0.25 * (1 / n + 1 / publishedCount)).squareRoot()
}

/// The distance of a mean with its own standard error, of so many draws against a published one of others.
func distance(
  mean: Double, error: Double, of draws: Int, published: Double, publishedDraws: Double,
  rounding: Double
) -> Double {
  let both = error * (1 + Double(draws) / publishedDraws).squareRoot()
  let off = max(0, (mean - published).magnitude - rounding)
  return off == 0 ? 0 : off / max(both, 1e-12)
}
