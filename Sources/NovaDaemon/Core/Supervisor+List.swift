// The shim's list, taken as a whole: a slot may hold a life that ended and the one that was started while the first was
// being booked. Must never take a newer life of a slot before an older one.

import NovaLinux
import NovaModel

/// A child or an exit of a list that is not complete yet.
struct ListedLife {
  let slot: String
  let serial: UInt64
  let report: ShimReport
}

extension Supervisor {
  /// Takes what the list holds, the oldest lives first, and each exit with the life that followed it.
  func takeList() {
    let found = (listing ?? []).sorted { $0.serial < $1.serial }
    listing = nil
    var next: [String: Incarnation] = [:]
    var followers: [Incarnation?] = []
    for entry in found.reversed() {
      followers.append(next[entry.slot])
      next[entry.slot] = Incarnation(entry.serial)
    }
    for (entry, follower) in zip(found, followers.reversed()) {
      if case .exited(let exit) = entry.report {
        exited(exit, before: follower)
      } else {
        take(entry.report)
      }
    }
  }

  /// The group of an ended life is still there and its own. The one without a number may be that of `next`, the life
  /// after it: when the disk took nothing, the old one made room.
  func hasGroup(_ id: InstanceID, _ incarnation: Incarnation, before next: Incarnation?) -> Bool {
    guard let next, let tree else { return true }
    return tree.group(id, incarnation).exists() || tree.group(id, next).exists()
  }
}
