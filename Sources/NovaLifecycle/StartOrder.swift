// Who starts before whom: a topological order over `requires` and `after`, ties by name. A stop uses it backwards.
// Must never recurse, and must give every worker a place even where a cycle slipped through.

package import NovaModel

/// The order and the edges of a set of workers.
package struct StartOrder: Sendable, Hashable {
  /// Everybody, first to start first.
  package private(set) var names: [WorkerName] = []
  /// Position in `names`.
  package private(set) var rank: [WorkerName: Int] = [:]
  /// Workers that name this one in `requires`, sorted.
  package private(set) var requiredBy: [WorkerName: [WorkerName]] = [:]
  /// Workers that name this one in `requires` or `after`, sorted.
  package private(set) var followedBy: [WorkerName: [WorkerName]] = [:]
  /// Workers that this one names in `requires` or `after` and that exist, sorted.
  package private(set) var follows: [WorkerName: [WorkerName]] = [:]

  /// An order of nobody.
  package init() {}

  /// Orders workers; names that do not exist are no edge. Members of a cycle come last, by name.
  package init(_ specs: [WorkerName: WorkerSpec]) {
    var open: [WorkerName: Int] = [:]
    for name in specs.keys.sorted() {
      guard let spec = specs[name] else { continue }
      let required = Set(spec.requires).filter { specs[$0] != nil && $0 != name }
      let first = required.union(spec.after.filter { specs[$0] != nil && $0 != name })
      open[name] = first.count
      follows[name] = first.sorted()
      for other in required { requiredBy[other, default: []].append(name) }
      for other in first { followedBy[other, default: []].append(name) }
    }
    var generation = specs.keys.filter { open[$0] == 0 }.sorted()
    while !generation.isEmpty {
      names += generation
      var next: [WorkerName] = []
      for name in generation {
        open[name] = nil
        for follower in followedBy[name] ?? [] {
          guard let count = open[follower] else { continue }
          open[follower] = count - 1
          if count == 1 { next.append(follower) }
        }
      }
      generation = next.sorted()
    }
    names += open.keys.sorted()
    for (index, name) in names.enumerated() { rank[name] = index }
  }

  /// Everybody who requires one of `targets`, directly or not, and the targets: last to start first.
  package func stopping(_ targets: some Sequence<WorkerName>) -> [WorkerName] {
    closure(of: targets) { requiredBy[$0] ?? [] }.reversed()
  }

  /// The targets and whatever `next` leads to, in start order.
  func closure(
    of targets: some Sequence<WorkerName>, _ next: (WorkerName) -> [WorkerName]
  ) -> [WorkerName] {
    var seen: Set<WorkerName> = []
    var open = Array(targets)
    while let name = open.popLast() {
      if seen.insert(name).inserted { open += next(name) }
    }
    return seen.sorted { (rank[$0] ?? .max, $0) < (rank[$1] ?? .max, $1) }
  }
}
