// What the edge's own log is told of tunnels: a line a minute and worker, with what was not told counted in the next.
// Must never grow with what a worker does.

import NovaModel

/// What is to be said of tunnels, and when.
struct EgressNotes: Sendable {
  private struct Account {
    var refusedAt: Instant?
    var untold = 0
    var toldAt: Instant?
    var tunnels = 0
    var out: Int64 = 0
    var back: Int64 = 0
  }

  private var accounts: [String: Account] = [:]

  static let pause = Span.seconds(60)

  /// A tunnel was refused; the line for the log, if it is time for one.
  mutating func refused(_ worker: String, _ refusal: EgressRefusal, at now: Instant) -> String? {
    var account = accounts[worker] ?? Account()
    defer { accounts[worker] = account }
    if let last = account.refusedAt, now - last < Self.pause {
      account.untold += 1
      return nil
    }
    let more = account.untold > 0 ? " (and \(account.untold) more were refused)" : ""
    account.refusedAt = now
    account.untold = 0
    return "\(worker): \(refusal.sentence)\(more)"
  }

  /// A tunnel is over; the line for the log, if it is time for one.
  mutating func ended(
    _ worker: String, _ place: EgressRequest, out: Int64, back: Int64, at now: Instant
  ) -> String? {
    var account = accounts[worker] ?? Account()
    defer { accounts[worker] = account }
    account.tunnels += 1
    account.out += out
    account.back += back
    if let last = account.toldAt, now - last < Self.pause { return nil }
    let line =
      "\(worker): \(account.tunnels) tunnel\(account.tunnels == 1 ? "" : "s") ended, the last to \(place.text): "
      + "\(account.out) bytes out, \(account.back) bytes back"
    account = Account(refusedAt: account.refusedAt, untold: account.untold, toldAt: now)
    return line
  }
}
