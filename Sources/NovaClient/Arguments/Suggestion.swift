// "did you mean …?" for what people mistype. Must never suggest something that is not close.

/// The nearest word of a list.
enum Suggestion {
  /// The word at the smallest edit distance, when that is at most a third of its length (at least 1).
  static func nearest(to word: String, in candidates: [String]) -> String? {
    let scored = candidates.map { (distance: distance(word, $0), word: $0) }
    guard let best = scored.min(by: { $0.distance < $1.distance }),
      best.distance <= max(1, best.word.count / 3), word.count <= 64
    else { return nil }
    return best.word
  }

  /// `unknown verb foo; did you mean bar?`
  static func sentence(_ text: String, _ nearest: String?) -> String {
    text + (nearest.map { "; did you mean \($0)?" } ?? "")
  }

  /// Optimal string alignment: insertions, deletions, substitutions and swapped neighbours.
  static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.utf8.prefix(64))
    let b = Array(b.utf8.prefix(64))
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
        row.append(best)
      }
      before = previous
      previous = row
    }
    return previous[b.count]
  }
}
