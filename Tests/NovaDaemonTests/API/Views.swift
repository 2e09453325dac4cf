// Views of instances as the fleet would give them. Must never start a fleet.

import NovaModel

@testable import NovaLifecycle

/// An instance `mail@1` in a state; everything else is told by `change`.
func view(
  _ state: State, pid: Int32? = nil, incarnation: UInt64? = nil, wanted: Bool = true,
  _ change: (inout InstanceView) -> Void = { _ in }
) -> InstanceView? {
  guard let id = InstanceID("mail@1") else { return nil }
  var view = InstanceView(
    id: id, state: state, reason: .none,
    since: Moment(
      instant: Instant(nanoseconds: 1_000_000_000), wall: WallTime(microseconds: 1_000_000)),
    incarnation: incarnation.map { Incarnation($0) }, pid: pid, startedAt: nil, crashesInWindow: 0,
    maxCrashes: 5, cooldowns: 0, due: nil, restartsTotal: 0, lastExit: nil, wanted: wanted,
    needsSettle: false, frozen: false, waitingFor: [], crashWindow: CrashWindow(),
    crashSpan: .seconds(600))
  change(&view)
  return view
}
