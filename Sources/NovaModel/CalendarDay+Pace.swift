// How far a day has gone. Must never give more than the whole of it.

extension CalendarDay {
  /// How long the day is; 24 hours on most.
  package var length: Span { end - start }

  /// The share of the day that is over at `time`, in millionths, 0 to 1,000,000.
  package func elapsedPPM(at time: WallTime) -> Int64 {
    let whole = end.microseconds - start.microseconds
    guard whole > 0 else { return 1_000_000 }
    let passed = min(max(time.microseconds - start.microseconds, 0), whole)
    return Int64(Int128(passed) * 1_000_000 / Int128(whole))
  }
}
