// The words between a call and the treasury: whose money, how much, and what came of the wish. Must never hold money itself.

import NovaModel
import NovaWire

/// Whose money it is.
struct PurseKey: Hashable, Sendable {
  let worker: String, provider: String
  let run: String?
}

/// What a call got.
enum Funding: Sendable {
  /// Up to so much of that reservation.
  case held(Int64, Price)
  case refused(ModelRefusal)
}

/// A call that waits for money.
struct FundingWish {
  /// The most that it can cost, and the least that is still of use.
  var bound: Price, least: Price
  /// Not after.
  var until: Instant
  /// Nil: it does not wait any more.
  var isWanted: () -> Bool
  var then: (Funding) -> Void
}
