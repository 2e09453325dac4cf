// What somebody writes who writes a worker in Swift: a type with `run()`, and what it may say of itself.
// Must never need anything but the standard library and Glibc.

/// A worker of Nova Supervisor.
///
/// ```swift
/// import NovaWorker
///
/// @main struct Outreach: Worker {
///   var interval: Duration { .seconds(60) }
///   mutating func run(_ supervisor: Supervisor) throws -> RunResult {
///     RunResult(revenue: "10.00", cost: "0.05", source: "stripe")
///   }
/// }
/// ```
///
/// Interval, heartbeat, graceful stop, cooldown after failures and honest reports of what each run cost and earned
/// come with it. Without a supervisor it runs all the same, and says so once.
public protocol Worker {
  /// A worker as it starts.
  init()

  /// From the start of a run to the start of the next. A minute unless said otherwise.
  var interval: Duration { get }
  /// So many failed runs in a row are followed by a cooldown; 0: never. Five unless said otherwise.
  var maxFailures: Int { get }
  /// The rest after that. Five minutes unless said otherwise.
  var cooldown: Duration { get }
  /// A run that takes longer lets the heartbeat stop, so that `watchdog:` restarts the worker. Ten minutes unless
  /// said otherwise.
  var runTimeout: Duration { get }

  /// Before the first run. What it throws ends the process: the supervisor's crash rules follow.
  mutating func setUp(_ supervisor: Supervisor) throws
  /// One run. What it throws makes it a failed run; the next comes at its time.
  mutating func run(_ supervisor: Supervisor) throws -> RunResult
  /// After the last run.
  mutating func tearDown(_ supervisor: Supervisor)
}

extension Worker {
  /// A minute.
  public var interval: Duration { .seconds(60) }
  /// Five.
  public var maxFailures: Int { 5 }
  /// Five minutes.
  public var cooldown: Duration { .seconds(300) }
  /// Ten minutes.
  public var runTimeout: Duration { .seconds(600) }
  /// Nothing to set up.
  public mutating func setUp(_ supervisor: Supervisor) throws {}
  /// Nothing to tear down.
  public mutating func tearDown(_ supervisor: Supervisor) {}

  /// Runs the worker to its end and exits; what `@main` calls.
  public static func main() {
    var worker = Self()
    worker.serve()
  }
}

/// What one run did. Nil is unknown, which is not the same as nothing.
public struct RunResult: Sendable, Hashable {
  /// What it earned.
  public var revenue: USD?
  /// What it cost beyond what the supervisor measures itself: calls of paid services.
  public var cost: USD?
  /// It did what it should.
  public var ok: Bool
  /// Where the revenue comes from, such as `stripe`.
  public var source: String?
  /// One line for `novasup ps`.
  public var status: String?

  /// A run's outcome.
  public init(
    revenue: USD? = nil, cost: USD? = nil, ok: Bool = true, source: String? = nil,
    status: String? = nil
  ) {
    self.revenue = revenue
    self.cost = cost
    self.ok = ok
    self.source = source
    self.status = status
  }
}

/// Why the supervisor did not take what a worker said.
public enum SupervisorError: Error, Sendable, Hashable, CustomStringConvertible {
  /// It understood and said no: its word for why, and a sentence. Repeating it would not help.
  case refused(code: String, message: String)
  /// A limit has less left than was asked for.
  case budgetExhausted(message: String)
  /// It did not answer in time.
  case unreachable(String)

  /// The sentence.
  public var description: String {
    switch self {
    case .refused(_, let message), .budgetExhausted(let message): message
    case .unreachable(let why): "cannot reach the supervisor: \(why)"
    }
  }
}
