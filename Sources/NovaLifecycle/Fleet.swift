// Every worker and instance there should be. One door in, orders out.
// Must never do input or output, read a clock or draw a random number of its own.

package import NovaModel

/// The fleet: what is wanted, what is, and what should happen next.
package struct Fleet: Sendable {
  /// This boot; the shell refreshes it, since a suspend moves the offset.
  package var boot: BootInfo

  /// An empty fleet. `seed` feeds the jitter of the backoff.
  package init(boot: BootInfo, seed: UInt64) { self.boot = boot }

  /// Takes one fact and answers with orders, to be performed in sequence before the next fact.
  package mutating func handle(_ event: FleetEvent, at now: Moment) -> [Effect] { [] }

  /// All workers, sorted; one that was removed from the file stays until nothing of it lives.
  package var workerNames: [WorkerName] { [] }
  /// A worker, nil when there is none of that name.
  package func worker(_ name: WorkerName) -> WorkerView? { nil }
  /// The instances of a worker, ascending.
  package func instances(of name: WorkerName) -> [InstanceView] { [] }
  /// One instance.
  package func instance(_ id: InstanceID) -> InstanceView? { nil }
  /// What a spawn now would use; nil for what is not in the configuration.
  package func spec(for id: InstanceID) -> WorkerSpec? { nil }
  /// The durable memory of an instance.
  package func record(of id: InstanceID, at now: Moment) -> InstanceRecord? { nil }
  /// The durable memory of a worker.
  package func record(of name: WorkerName) -> WorkerRecord? { nil }
  /// What `configured(next)` would do, by name.
  package func plan(for next: Configuration) -> [Change] { [] }
  /// Turns what a person typed into targets, all or nothing: `name`, `name@2`, globs, `--all` and `*`.
  package func resolve(_ patterns: [String]) -> Result<[Request.Target], UnknownTarget> { .success([]) }
  /// The workers among `names` and those that require them, in the order in which a stop ends them.
  package func stopOrder(of names: [WorkerName]) -> [WorkerName] { [] }
  /// Everybody who requires `name`, directly or not, sorted: a stop of it stops them too.
  package func dependents(of name: WorkerName) -> [WorkerName] { [] }
  /// A drain was asked for and nothing lives or waits for its booking any more.
  package var isDrained: Bool { false }
}
