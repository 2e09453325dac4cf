// The supervisor as a worker sees it: status and heartbeat by sd_notify, money through the API on the Unix socket.
// Must never say that money is booked before the supervisor has said so.

import Glibc

/// The supervisor that runs this worker.
public struct Supervisor: Sendable {
  let notifyPath: String?
  let apiPath: String?
  /// How often a heartbeat is expected, microseconds.
  let heartbeatPeriod: UInt64?

  /// What the environment says: NOTIFY_SOCKET, NOVA_SOCKET and WATCHDOG_USEC.
  public static let current = Supervisor(
    notifyPath: variable("NOTIFY_SOCKET"), apiPath: variable("NOVA_SOCKET"),
    heartbeatPeriod: variable("WATCHDOG_USEC").flatMap { UInt64($0) })

  var isThere: Bool { notifyPath != nil || apiPath != nil }
  var hasAPI: Bool { apiPath != nil }

  /// The worker was told to end; a long run looks at it now and then.
  public var isStopping: Bool { StopSignal.isSet }

  /// Waits, or returns early when the worker is told to end.
  public func wait(_ span: Duration) { StopSignal.wait(span) }

  /// One line for `novasup ps`.
  public func status(_ text: String) { notify("STATUS=" + text) }

  /// Says that a long run still gets on: its timeout begins anew.
  public func heartbeat() {
    Heartbeat.prolong()
    notify("WATCHDOG=1")
  }

  /// Books one run. Returns when it is durable. The same `runID` again changes nothing.
  ///
  /// It is repeated for `patience` while the supervisor cannot be reached; nil: until the worker is told to end, and
  /// five seconds more. Throws why it is not booked.
  public func report(_ result: RunResult, runID: String, patience: Duration? = .seconds(60))
    throws(SupervisorError)
  {
    var body = JSONText()
    body.add("run_id", runID)
    body.add("ok", result.ok)
    body.add("cost_usd", result.cost?.description)
    body.add("revenue_usd", result.revenue?.description)
    body.add("source", result.source)
    body.add("status", result.status)
    _ = try post("/v1/reports", body, patience)
  }

  /// Sets money aside before it is spent, calls `body` with what was given, and settles with what it says was spent.
  /// What `body` throws gives all of it back.
  ///
  /// Throws `SupervisorError.budgetExhausted` when less is left than was asked for, and what `body` throws.
  public func reserving(
    _ amount: USD, provider: String? = nil, runID: String? = nil,
    lease: Duration = .seconds(120), patience: Duration = .seconds(60),
    _ body: (USD) throws -> USD
  ) throws {
    var wish = JSONText()
    wish.add("key", Self.newID())
    wish.add("amount_usd", amount.description)
    wish.add("lease_seconds", lease.components.seconds)
    wish.add("provider", provider)
    wish.add("run_id", runID)
    let answer = try post("/v1/budgets/reserve", wish, patience)
    guard let id = answer.number("reservation") else {
      throw SupervisorError.unreachable("its answer has no reservation")
    }
    var end = JSONText()
    end.add("reservation", id)
    do {
      end.add("spent_usd", try body(amount).description)
    } catch {
      _ = try? post("/v1/budgets/release", end, patience)
      throw error
    }
    _ = try post("/v1/budgets/settle", end, patience)
  }

  /// Thirty-two hexadecimal digits that no other run has.
  public static func newID() -> String {
    var random = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let digits = String(random.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// Sends one sd_notify message; without a supervisor it says nothing.
  public func notify(_ line: String) {
    guard let notifyPath, let address = UnixAddress(notifyPath) else { return }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let bytes = Array(line.utf8.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 })
    // A full queue must not hold the worker up: the next heartbeat comes soon.
    unsafe address.withPointer { pointer, length in
      _ = unsafe bytes.withUnsafeBytes { raw in
        unsafe sendto(
          descriptor, raw.baseAddress, raw.count, Int32(MSG_DONTWAIT), pointer, length)
      }
    }
  }

  private static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }
}
