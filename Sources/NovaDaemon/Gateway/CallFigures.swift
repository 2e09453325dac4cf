// Calls of models on the day that is now, and their tokens of the last minute, by worker and provider. Kept from the calls as
// they are told, so that a page that is asked every second needs no disk.
// Must never count a call on a day on which it was not asked.

package import NovaModel

/// What is seen of calls at a glance.
package struct CallFigures: Sendable {
  /// Whose calls.
  package struct Key: Sendable, Hashable, Comparable {
    package let worker: WorkerName
    package let provider: String

    /// Names a sum.
    package init(_ worker: WorkerName, _ provider: String) {
      self.worker = worker
      self.provider = provider
    }

    /// By worker, then by provider.
    package static func < (a: Key, b: Key) -> Bool {
      (a.worker, a.provider) < (b.worker, b.provider)
    }
  }

  /// Calls of today in numbers, and tokens of the last minute.
  package struct Sum: Sendable, Hashable {
    package var today = CallTotal()
    package var minuteTokens: Int64 = 0

    /// Nothing.
    package init() {}

    init(today: CallTotal, minuteTokens: Int64) {
      self.today = today
      self.minuteTokens = minuteTokens
    }

    mutating func add(_ other: Sum) {
      today.add(other.today)
      let (sum, over) = minuteTokens.addingReportingOverflow(other.minuteTokens)
      minuteTokens = over ? .max : sum
    }
  }

  /// The day.
  package private(set) var day: CalendarDay
  private var totals: [Key: CallTotal] = [:]
  private var minutes: [Key: TokenMinute] = [:]

  /// A day without calls.
  package init(on day: CalendarDay) { self.day = day }

  /// Takes what the ledger has summed up of the day.
  package mutating func take(_ total: CallTotal, of key: Key) {
    totals[key, default: CallTotal()].add(total)
  }

  /// Takes what the ledger knows of tokens of a while ago.
  package mutating func take(tokens: Int64, of key: Key, at: Instant) {
    minutes[key, default: TokenMinute()].add(tokens, at: at)
  }

  /// Takes a call in that is over now.
  package mutating func take(_ call: ModelCall, at now: Instant) {
    let key = Key(call.worker, call.provider)
    var total = CallTotal()
    total.add(call)
    if call.at >= day.start, call.at < day.end { take(total, of: key) }
    if total.tokens > 0 { take(tokens: total.tokens, of: key, at: now) }
  }

  /// Another day, of which nothing is known yet; the minute goes on.
  package mutating func turn(to day: CalendarDay) {
    self.day = day
    totals = [:]
  }

  /// Everything, or what is of one worker.
  package func sum(of worker: WorkerName? = nil, at now: Instant) -> Sum {
    var all = Sum()
    for (_, sum) in sums(of: worker, at: now) { all.add(sum) }
    return all
  }

  /// The same by worker and provider, in their order.
  package func sums(of worker: WorkerName? = nil, at now: Instant) -> [(key: Key, sum: Sum)] {
    Set(totals.keys).union(minutes.keys).filter { worker == nil || $0.worker == worker }.sorted()
      .map { key in
        (
          key,
          Sum(
            today: totals[key] ?? CallTotal(), minuteTokens: minutes[key]?.tokens(at: now) ?? 0)
        )
      }
  }
}
