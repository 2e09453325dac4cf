// The present lives, found by instance and by worker. Whoever asks about one worker looks at its lives alone: an end of a
// life must not cost a look at a thousand others. Must never hold a life in one index and not in the other.

package import NovaModel

/// One life an instance at most.
package struct LifeTable {
  private var all: [InstanceID: Life] = [:]
  private var byWorker: [WorkerName: [Int: Life]] = [:]

  /// No lives.
  package init() {}

  /// The present life of an instance.
  package subscript(id: InstanceID) -> Life? {
    get { all[id] }
    set {
      all[id] = newValue
      byWorker[id.worker, default: [:]][id.number] = newValue
      if byWorker[id.worker]?.isEmpty == true { byWorker[id.worker] = nil }
    }
  }

  /// Every life, in no order.
  package var values: Dictionary<InstanceID, Life>.Values { all.values }
  /// How many.
  package var count: Int { all.count }
  /// Whether nobody lives.
  package var isEmpty: Bool { all.isEmpty }

  /// Who has a life, in no order.
  package var workers: Dictionary<WorkerName, [Int: Life]>.Keys { byWorker.keys }

  /// The lives of one worker, in no order.
  package func of(_ worker: WorkerName) -> Dictionary<Int, Life>.Values {
    byWorker[worker, default: [:]].values
  }

  /// Whether a worker has any.
  package func has(_ worker: WorkerName) -> Bool { byWorker[worker] != nil }
}
