// Everybody at a glance: what a tick of the decision engine asks of each worker, copied out in one pass. A whole
// configuration for each of ten thousand workers, several times, was most of what a tick cost.
// Must never be kept from one turn to the next: it is what the fleet was when it was asked.

package import NovaModel

/// What a tick wants to know of a worker.
package struct WorkerGlance: Sendable, Hashable {
  package let name: WorkerName
  /// Somebody, or `autostart`, wants it up.
  package let wanted: Bool
  package let paused: Bool
  /// The engine leaves the count alone.
  package let pinned: Bool
  package let autostart: Bool
  /// The supervisor starts its runs, by an interval or a calendar.
  package let isJob: Bool
  package let count: Int
  package let minInstances: Int
  package let maxInstances: Int
  package let economics: EconomicsSpec
  /// Instances that should be up and have failed, or were lost, ascending.
  package let failed: [InstanceID]
  package let lost: [InstanceID]
}

extension Fleet {
  /// Everybody, by name.
  package var glances: [WorkerGlance] { workers.keys.sorted().compactMap(glance) }

  /// One worker; nil when there is none of that name.
  package func glance(_ name: WorkerName) -> WorkerGlance? {
    guard let worker = workers[name] else { return nil }
    let isWanted = worker.isWanted
    var (failed, lost): ([InstanceID], [InstanceID]) = ([], [])
    if isWanted {
      for life in worker.lives.values where !life.held && !life.retiring {
        if life.state == .failed { failed.append(life.id) }
        if life.state == .lost { lost.append(life.id) }
      }
    }
    let isJob =
      switch worker.spec.mode {
      case .interval, .schedule: true
      case .service, .once: false
      }
    return WorkerGlance(
      name: name, wanted: isWanted, paused: worker.record.paused, pinned: worker.record.pinned,
      autostart: worker.spec.autostart, isJob: isJob, count: worker.removed ? 0 : worker.count,
      minInstances: worker.spec.minInstances, maxInstances: worker.spec.maxInstances,
      economics: worker.spec.economics, failed: failed.sorted(), lost: lost.sorted())
  }
}
