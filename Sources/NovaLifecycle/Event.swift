// Facts that reach the fleet, in the past tense. Everything that changes a worker comes through here: a command,
// a crash, a timer, a budget. Must never carry a closure, a descriptor or a clock.

package import NovaModel

/// A fact about the fleet as a whole.
package enum FleetEvent: Sendable, Hashable {
  /// What the state database remembers; the first event a fleet gets.
  case restored(workers: [WorkerRecord], instances: [InstanceRecord], nextIncarnation: Incarnation)
  /// A configuration was accepted; the fleet takes the difference.
  case configured(Configuration, by: Actor)
  /// The shim's list has been delivered in full: what was not adopted and was thought alive is lost;
  /// what is wanted may start. Nothing is spawned before this event.
  case adoptionCompleted
  /// Somebody asked for something.
  case requested(Request)
  /// A fact about one instance.
  case instance(InstanceID, InstanceEvent)
  /// Jobs whose next runs wait, by worker: what their last runs cost is out and not judged yet. All of them, each time.
  case ripening(Set<WorkerName>)
  /// The shim died: every live process went with it and its groups are being emptied.
  case shimLost
  /// SIGTERM: stop everything in reverse order, start nothing more. Desired state stays as it is.
  case drainRequested
}

/// Who asked.
package struct Actor: Sendable, Hashable {
  /// `supervisor`, `uid:1000`, `engine`.
  package let text: String
  /// Names an actor.
  package init(_ text: String) { self.text = text }
  /// The supervisor itself.
  package static let supervisor = Actor("supervisor")
}

/// An order from a person, the engine or a budget. Its targets exist: they were resolved before.
package struct Request: Sendable, Hashable {
  /// What is asked.
  package var action: Action
  /// Whole workers, or single instances of them.
  package var targets: [Target]
  package var actor: Actor
  /// Why, for the state's reason: `.operator`, `.budget`, `.decision`.
  package var reason: Reason
  /// Free text of `--reason`.
  package var note: String?
  package init(
    _ action: Action, _ targets: [Target], actor: Actor, reason: Reason = .operator,
    note: String? = nil
  ) {
    self.action = action
    self.targets = targets
    self.actor = actor
    self.reason = reason
    self.note = note
  }

  /// What an order is about.
  package enum Target: Sendable, Hashable {
    case worker(WorkerName)
    case instance(InstanceID)
  }

  /// The verbs.
  package enum Action: Sendable, Hashable {
    /// Clears crash counter and cooldown; idempotent.
    case start
    /// `timeout` overrides stop_timeout.
    case stop(timeout: Span?)
    case restart(rolling: Bool, timeout: Span? = nil)
    /// nil signal: SIGKILL to the whole group. `restart: false`: policy is not asked.
    case kill(signal: Int32?, allProcesses: Bool, restart: Bool)
    case pause, resume
    /// The wanted number of instances.
    case scale(to: Int, pin: Bool)
    /// Clears crash counter, cooldown and `failed` without starting.
    case reset
    /// Starts a candidate (`autostart: false`).
    case deploy
  }
}

/// A fact about one instance. Those that concern a process carry its incarnation; one of another life is ignored.
package enum InstanceEvent: Sendable, Hashable {
  /// Found alive under the shim at start-up, with the pid and the fingerprint its record holds (nil: unknown).
  case adopted(Incarnation, pid: Int32, frozen: Bool)
  case spawned(Incarnation, pid: Int32)
  case spawnFailed(Incarnation, SpawnStage, errno: Int32)
  /// The main process ended. `oom`: the group's oom_kill counter rose.
  case exited(Incarnation, ExitStatus, oom: Bool)
  /// The group's `populated` became 0.
  case emptied(Incarnation)
  /// Its final usage is durable, its group is gone, its exit acknowledged: the slot may be used again.
  case settled(Incarnation)
  /// READY=1, the log line, the port or the URL: whatever `ready:` asks for.
  case becameReady(Incarnation)
  /// WATCHDOG=1.
  case heartbeat(Incarnation)
  /// WATCHDOG=trigger.
  case watchdogTriggered(Incarnation)
  /// EXTEND_TIMEOUT_USEC=: start or stop may take until `now + span`.
  case timeoutExtended(Incarnation, Span)
  /// STOPPING=1: it goes down by itself.
  case announcedStopping(Incarnation)
  /// A health check crossed its threshold and its action is restart.
  case healthFailed(Incarnation, check: String)
  /// All health checks pass again.
  case healthRecovered(Incarnation)
  /// Readings exceeded limits.memory where the kernel does not enforce it.
  case memoryExceeded(Incarnation)
  case froze(Incarnation)
  case thawed(Incarnation)
  /// Freezing or thawing was refused by the kernel.
  case freezeFailed(Incarnation, errno: Int32)
  /// A timer that an effect armed. A stale epoch is ignored.
  case timerFired(TimerKind, epoch: UInt64)
}

/// What a timer is for; an instance has at most one of each.
package enum TimerKind: String, Sendable, Hashable, CaseIterable {
  case startTimeout, stopTimeout, killRepeat, backoff, cooldown, stable, watchdog, nextRun,
    settled
}
