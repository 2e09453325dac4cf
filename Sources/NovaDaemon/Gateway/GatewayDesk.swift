// What the shell keeps of the model gateway: the prices in force, what calls have left over, calls in numbers, and those that
// are on their way to the disk. Must never hold a price table or a provider's key.

import NovaEconomics
import NovaLedger
import NovaModel

/// The gateway's side of a running supervisor.
struct GatewayDesk {
  /// Keys of workers; nil until one is needed.
  var keys: GatewayKeys?
  /// The version of the model prices in force; nil: none were ever given.
  var prices: ModelPricesVersion?
  /// What calls have left over below a micro-dollar.
  var charges: CallCharges
  /// Calls in numbers.
  private(set) var totals: [CallTotalKey: CallTotal]
  /// Today and the last minute; nil until the ledger was asked.
  var figures: CallFigures?
  /// Calls that are booked and not known to be on the disk.
  private(set) var underWay: Set<String> = []
  /// When it was told last that a worker has called a model without a price.
  var toldUnknown: [String: WallTime] = [:]

  /// Goes on where the last supervisor ended.
  init(_ state: GatewayState) {
    prices = state.prices
    charges = CallCharges(remainders: state.remainders)
    totals = state.totals
  }

  /// Counts a new call; it is under way until it is on the disk.
  mutating func take(_ call: ModelCall, at now: Instant) {
    figures?.take(call, at: now)
    totals[CallTotalKey(call), default: CallTotal()].add(call)
    underWay.insert(call.id)
  }

  /// These are on the disk.
  mutating func stored(_ ids: [String]) { underWay.subtract(ids) }
}
