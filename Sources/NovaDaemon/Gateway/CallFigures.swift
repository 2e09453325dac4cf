// Calls of models on the day that is now, and their tokens of the last minute, by worker and provider. Kept from the calls as
// they are told, so that a page that is asked every second needs no disk.
// Must never count a call on a day on which it was not asked.

package import NovaModel

/// What is seen of calls at a glance.
package struct CallFigures: Sendable {
  /// Whose calls.
  package struct Key: Sendable, Hashable {
    package let worker: WorkerName
    package let provider: String

    /// Names a sum.
    package init(_ worker: WorkerName, _ provider: String) {
      self.worker = worker
      self.provider = provider
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
  private var kept: [WorkerName: [String: Kept]] = [:]
  private var all = Kept()

  private struct Kept: Sendable {
    var today = CallTotal()
    var minute = TokenMinute()

    func sum(at now: Instant) -> Sum { Sum(today: today, minuteTokens: minute.tokens(at: now)) }
  }

  /// A day without calls.
  package init(on day: CalendarDay) { self.day = day }

  /// Takes what the ledger has summed up of the day.
  package mutating func take(_ total: CallTotal, of key: Key) {
    kept[key.worker, default: [:]][key.provider, default: Kept()].today.add(total)
    all.today.add(total)
  }

  /// Takes what the ledger knows of tokens of a while ago.
  package mutating func take(tokens: Int64, of key: Key, at: Instant) {
    kept[key.worker, default: [:]][key.provider, default: Kept()].minute.add(tokens, at: at)
    all.minute.add(tokens, at: at)
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
  package mutating func turn(to day: CalendarDay, at now: Instant) {
    self.day = day
    all.today = CallTotal()
    kept = kept.mapValues { providers in
      providers.filter { $0.value.minute.tokens(at: now) > 0 }.mapValues {
        var rest = $0
        rest.today = CallTotal()
        return rest
      }
    }.filter { !$0.value.isEmpty }
  }

  /// Everything.
  package func sum(at now: Instant) -> Sum { all.sum(at: now) }

  /// What is of one worker.
  package func sum(of worker: WorkerName, at now: Instant) -> Sum {
    var sum = Sum()
    for (_, one) in sums(of: worker, at: now) { sum.add(one) }
    return sum
  }

  /// The same by provider, in their order; of today or of the last minute.
  package func sums(of worker: WorkerName, at now: Instant) -> [(provider: String, sum: Sum)] {
    (kept[worker] ?? [:]).map { (provider: $0.key, sum: $0.value.sum(at: now)) }
      .filter { $0.sum != Sum() }.sorted { $0.provider < $1.provider }
  }
}
