// Calls of models as the books keep them: who called what, how many tokens of each kind, what it cost. Must never hold a word
// of what was asked or answered, nor a key.

/// One call that is over.
package struct ModelCall: Sendable, Hashable {
  /// The ledger's number of it, ascending; 0 until it has one.
  package var number: Int64 = 0
  /// The gateway's own name of it; unique.
  package var id: String
  package var worker: WorkerName
  package var run: String?
  package var provider: String
  package var model: String
  /// When it was asked.
  package var at: WallTime
  package var durationMilliseconds: Int64 = 0
  /// What the worker was answered.
  package var status = 0
  /// How it ended, in the API's words.
  package var outcome: String
  package var isStreamed = false
  package var tokens = CallTokens()
  /// What it cost, to the pico-dollar.
  package var cost = Price(picoUSD: 0)
  /// What the cached answer had cost when it was bought.
  package var saved: Price?
  /// What of it was booked: whole micro-dollars, with what the worker's calls before had left over.
  package var amount = Money.zero
  /// The cost is the gateway's own estimate.
  package var isEstimated = false
  /// The reservation that it was paid from.
  package var reservation: Int64?
  /// The version of the model prices that it was priced with.
  package var prices: Int64?
  /// Why it was refused or failed.
  package var reason: String?

  /// A call of which nothing else is known.
  package init(
    id: String, worker: WorkerName, provider: String, model: String, at: WallTime, outcome: String
  ) {
    self.id = id
    self.worker = worker
    self.provider = provider
    self.model = model
    self.at = at
    self.outcome = outcome
  }

  /// How the ledger's lines of calls are named; what they cost is in the accounts of the budgets already.
  package static let entryMark = "call-"
}

/// Tokens by kind; nil: the provider has not said.
package struct CallTokens: Sendable, Hashable {
  package var input: Int64?
  package var cacheRead: Int64?
  package var cacheWrite: Int64?
  package var output: Int64?
  /// Of the output.
  package var reasoning: Int64?

  /// Nothing known.
  package init() {}

  /// By the words of metrics and reports.
  package var byKind: [(kind: String, count: Int64?)] {
    [
      ("input", input), ("cache_read", cacheRead), ("cache_write", cacheWrite),
      ("output", output), ("reasoning", reasoning),
    ]
  }
}

/// Calls in numbers.
package struct CallTotal: Sendable, Hashable {
  package var calls: Int64 = 0
  package var input: Int64 = 0
  package var cacheRead: Int64 = 0
  package var cacheWrite: Int64 = 0
  package var output: Int64 = 0
  package var reasoning: Int64 = 0
  /// What was booked.
  package var amount = Money.zero

  /// None.
  package init() {}

  /// What was read and written; what was thought is in what was written.
  package var tokens: Int64 {
    [input, cacheRead, cacheWrite, output].reduce(0) {
      let (sum, over) = $0.addingReportingOverflow($1)
      return over ? .max : sum
    }
  }

  /// Tokens by the words of metrics and reports.
  package var byKind: [(kind: String, count: Int64)] {
    [
      ("input", input), ("cache_read", cacheRead), ("cache_write", cacheWrite),
      ("output", output), ("reasoning", reasoning),
    ]
  }

  /// Counts a call.
  package mutating func add(_ call: ModelCall) {
    var one = CallTotal()
    one.calls = 1
    one.input = call.tokens.input ?? 0
    one.cacheRead = call.tokens.cacheRead ?? 0
    one.cacheWrite = call.tokens.cacheWrite ?? 0
    one.output = call.tokens.output ?? 0
    one.reasoning = call.tokens.reasoning ?? 0
    one.amount = call.amount
    add(one)
  }

  /// Takes other sums in; stays at the end of the range.
  package mutating func add(_ other: CallTotal) {
    func sum(_ a: Int64, _ b: Int64) -> Int64 {
      let (sum, over) = a.addingReportingOverflow(b)
      return over ? .max : sum
    }
    calls = sum(calls, other.calls)
    input = sum(input, other.input)
    cacheRead = sum(cacheRead, other.cacheRead)
    cacheWrite = sum(cacheWrite, other.cacheWrite)
    output = sum(output, other.output)
    reasoning = sum(reasoning, other.reasoning)
    amount = Money(microUSD: sum(amount.microUSD, other.amount.microUSD))
  }
}

/// Whose calls a total counts.
package struct CallTotalKey: Sendable, Hashable {
  package var worker: WorkerName
  package var provider: String
  package var outcome: String

  /// Names a total.
  package init(worker: WorkerName, provider: String, outcome: String) {
    self.worker = worker
    self.provider = provider
    self.outcome = outcome
  }

  /// The one that a call counts in.
  package init(_ call: ModelCall) {
    self.init(worker: call.worker, provider: call.provider, outcome: call.outcome)
  }
}

/// A version of the model prices, without the table.
package struct ModelPricesVersion: Sendable, Hashable {
  /// The one before plus one.
  package var number: Int64
  /// From when on it is in force.
  package var since: WallTime
  /// SHA-256 of the table.
  package var digest: [UInt8]
  /// Who gave it.
  package var actor: String

  /// Describes one.
  package init(number: Int64, since: WallTime, digest: [UInt8], actor: String) {
    self.number = number
    self.since = since
    self.digest = digest
    self.actor = actor
  }
}
