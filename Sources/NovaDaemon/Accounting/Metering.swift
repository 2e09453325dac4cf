// From readings to cumulative usage: CPU by the kernel's counter, memory by the area under its curve.
// Must never book a negative amount, and never count a gap that was not seen as zero without saying so.

package import NovaModel

extension Life {
  /// Takes a reading into the account. A counter that went backwards adds nothing and starts a new epoch.
  package func take(_ new: Reading) {
    if let cpu = new.counters.cpuUsec {
      let raw = cpuEpochBase &+ cpu
      if cpu < lastRawCPU {
        cpuEpochBase = totals.cpuUsec
        totals.cpuUsec = cpuEpochBase &+ cpu
      } else {
        totals.cpuUsec = max(totals.cpuUsec, raw)
      }
      lastRawCPU = cpu
    }
    if let b = new.memoryBytes, let old = reading ?? basis.reading(holding: b),
      let a = old.memoryBytes
    {
      totals.memoryKiBMsec &+= Self.area(from: a, to: b, over: new.at - old.at)
      if new.memoryEstimated || basis.isEstimate { totals.estimated = true }
    } else if new.memoryBytes == nil {
      totals.estimated = true
    }
    if let bytes = new.counters.ioReadBytes {
      totals.ioReadBytes = max(totals.ioReadBytes ?? 0, bytes)
    }
    if let bytes = new.counters.ioWriteBytes {
      totals.ioWriteBytes = max(totals.ioWriteBytes ?? 0, bytes)
    }
    if let memory = new.memoryBytes { peak = max(peak ?? 0, memory) }
    cpuBefore = reading.flatMap { old in old.counters.cpuUsec.map { (old.at, $0) } }
    reading = new
    // COST/H looks one to two minutes back: a mark is set every minute and the one before it is the base.
    if let mark = newerMark {
      if new.at - mark.at >= .seconds(60) {
        olderMark = mark
        newerMark = UsageMark(at: new.at, totals: totals)
      }
    } else {
      newerMark = UsageMark(at: new.at, totals: totals)
    }
  }

  /// Takes the last reading of all. The group is empty by then and its memory cannot be read any more: what was held
  /// at the last look went down to nothing since. Without an earlier look it stays unknown.
  package func takeFinal(_ new: Reading) {
    var last = new
    if last.memoryBytes == nil, reading?.memoryBytes != nil { last.memoryBytes = 0 }
    take(last)
  }

  /// Trapezoid between two readings, in KiB-milliseconds, rounded half up once.
  static func area(from a: UInt64, to b: UInt64, over span: Span) -> UInt64 {
    guard span > .zero else { return 0 }
    let byteNanoseconds = (UInt128(a) + UInt128(b)) * UInt128(span.nanoseconds) / 2
    let unit: UInt128 = 1024 * 1_000_000
    return UInt64(clamping: (byteNanoseconds + unit / 2) / unit)
  }
}

/// From where the first reading of a life counts.
package enum MeteringBasis: Sendable, Hashable {
  /// Not known: the first reading only begins the account.
  case unknown
  /// Nothing was held before the start, so the first reading counts from it at half its height.
  case start(Instant)
  /// An adopted life: what it held since its last booking was not seen, so what it holds now stands for it.
  case sinceBooking(Instant)

  /// The reading that the first one is joined to.
  func reading(holding bytes: UInt64) -> Reading? {
    switch self {
    case .unknown: return nil
    case .start(let at):
      var reading = Reading(at: at)
      reading.memoryBytes = 0
      return reading
    case .sinceBooking(let at):
      var reading = Reading(at: at)
      reading.memoryBytes = bytes
      return reading
    }
  }

  /// The time before the first reading was not seen.
  var isEstimate: Bool {
    if case .sinceBooking = self { true } else { false }
  }
}

/// What a life had used at one moment.
package struct UsageMark: Sendable, Hashable {
  /// When.
  package let at: Instant
  /// How much, cumulative.
  package let totals: UsageTotals
}
