// How often somebody may ask: a bucket of so many requests that refills evenly (a token bucket, as in RFC 2697's spirit).
// Must never grow without bound, however many addresses knock.

package import NovaModel

/// One bucket a key.
package struct RateLimit: Sendable {
  /// Requests at once.
  package let burst: Int
  /// Time for one more.
  package let refill: Span
  private var empty: [String: Instant] = [:]

  /// `burst` requests at once and then one each `refill`.
  package init(burst: Int, refill: Span) {
    self.burst = burst
    self.refill = refill
  }

  /// Takes one; nil when it was there, else how long until it is.
  package mutating func take(_ key: String, at now: Instant) -> Span? {
    // Stored is when the bucket will be full again: a full one need not be stored.
    if empty.count >= 4096 { empty = empty.filter { $0.value > now } }
    if empty.count >= 8192 { empty.removeAll() }
    let full = max(empty[key] ?? now, now) + refill
    let room = Span(nanoseconds: refill.nanoseconds * Int64(burst))
    guard full - now <= room else { return full - now - room }
    empty[key] = full
    return nil
  }
}
