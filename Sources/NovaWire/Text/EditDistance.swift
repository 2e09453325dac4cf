// "Did you mean": the nearest of a few known words. Must never be handed unbounded text: words longer than 64 bytes
// have no neighbours.

/// Distances between words.
package enum EditDistance {
  private static let longest = 64

  /// The candidate nearest to `word` if it is near enough to be a slip (a third of its length, at least one
  /// edit); of equally near ones the first in byte order. Failing that, the only candidate that `word`, of at
  /// least 3 letters, begins. Case does not count.
  package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(word.lowercased().utf8)
    guard !wanted.isEmpty, wanted.count <= longest else { return nil }
    let allowed = max(1, wanted.count / 3)
    var best: (distance: Int, word: String)?
    var longer: [String] = []
    for candidate in candidates where candidate != word {
      let other = Array(candidate.lowercased().utf8)
      if wanted.count >= 3, other.starts(with: wanted) { longer.append(candidate) }
      guard other.count <= longest, abs(other.count - wanted.count) <= allowed else { continue }
      let distance = distance(wanted, other)
      guard distance <= allowed, distance < max(wanted.count, other.count) else { continue }
      if let found = best {
        guard distance < found.distance || (distance == found.distance && candidate < found.word)
        else { continue }
      }
      best = (distance, candidate)
    }
    return best?.word ?? (longer.count == 1 ? longer.first : nil)
  }

  /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment) from `a` to `b`.
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before: [Int] = []
    var above = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var value = min(above[j + 1] + 1, row[j] + 1, above[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          value = min(value, before[j - 1] + 1)
        }
        row.append(value)
      }
      before = above
      above = row
    }
    return above[b.count]
  }
}
