// From a long run that fails to the few moves that are enough. Delta debugging: leave out a half, a quarter, … single
// moves, and keep whatever still fails. Must never hand back moves that do not fail.

/// Shortens `moves`, which fail, to moves that still fail and of which none can be left out.
///
/// `fails` plays moves from the beginning and says the number of the move that was one too many, nil when all is well.
func shrink<Move>(_ moves: [Move], fails: ([Move]) -> Int?) -> [Move] {
  guard let last = fails(moves) else { return moves }
  var kept = Array(moves.prefix(last + 1))
  var size = max(1, kept.count / 2)
  while true {
    var start = 0
    var shortened = false
    while start < kept.count {
      var fewer = kept
      fewer.removeSubrange(start..<min(start + size, kept.count))
      if let last = fails(fewer) {
        kept = Array(fewer.prefix(last + 1))
        shortened = true
      } else {
        start += size
      }
    }
    if size > 1 { size /= 2 } else if !shortened { return kept }
  }
}
