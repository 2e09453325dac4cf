// Orders of the fleet to the shell, in the imperative. The shell performs a whole array, in order, before the next
// event; an effect that can fail answers with an event. Must never be performed here.

package import NovaModel

/// One order.
package enum Effect: Sendable, Hashable {
  /// Start a process: answers `.spawned` or `.spawnFailed`. The spec is `fleet.spec(for:)`.
  case spawn(InstanceID, Incarnation)
  /// Signal the main process, or every process of the group.
  case signal(InstanceID, Incarnation, Int32, wholeGroup: Bool)
  /// The stop signal, and SIGCONT after it: one that was stopped by SIGSTOP hears it too.
  case askToEnd(InstanceID, Incarnation, Int32, wholeGroup: Bool)
  /// cgroup.kill: answers `.emptied` when nothing is left.
  case killGroup(InstanceID, Incarnation)
  /// cgroup.freeze: answers `.froze`, `.thawed` or `.freezeFailed`.
  case freeze(InstanceID, Incarnation)
  case thaw(InstanceID, Incarnation)
  /// Write the kernel limits of `fleet.spec(for:)` to the group of a process that lives on: a reload changed them.
  case applyLimits(InstanceID, Incarnation)
  /// Read the final counters, book them, remove the group, acknowledge the exit; then answer `.settled`.
  case settle(InstanceID, Incarnation)
  /// Fire `.timerFired(kind, epoch)` at `at`; replaces the instance's timer of that kind.
  case arm(InstanceID, TimerKind, at: Instant, epoch: UInt64)
  case disarm(InstanceID, TimerKind)
  /// Look for readiness as `ready:` says (tcp, http, log); answers `.becameReady`.
  case watchReadiness(InstanceID, Incarnation)
  case endReadiness(InstanceID)
  /// Run the health checks; answers `.healthFailed` and `.healthRecovered`. Ended while paused.
  case watchHealth(InstanceID, Incarnation)
  case endHealth(InstanceID)
  /// The durable record of an instance or worker changed: read `fleet.record(of:)` and store it this turn.
  case persistInstance(InstanceID)
  case persistWorker(WorkerName)
  /// The instance left the fleet (scaled down, removed from the file) and nothing of it lives: forget its record.
  case forget(InstanceID)
  case forgetWorker(WorkerName)
  /// Write history (and the journal).
  case record(EventRecord)
  /// A drain ended: nothing lives any more.
  case drained
}
