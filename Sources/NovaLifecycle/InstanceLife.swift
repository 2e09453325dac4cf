// One instance's machine: what happened to its slot and what should happen next. Facts come in through `take`
// (InstanceLife+Facts), wishes are compared with what is in `reconcile` (InstanceLife+Reconcile), the end of a life is
// judged in `decide` (InstanceLife+Ending). The table of states and facts is compared, cell by cell, in LifeTableTests.
//
//   stopped -> starting -> running|ready -> (paused) -> stopping -> killing -> backoff|cooldown|waiting|completed|failed
//
// Must never start a second life before the first one's group was empty, nor a third before the first was booked.

import NovaModel

/// The life of one slot.
struct InstanceLife: Sendable {
  let id: InstanceID
  var state: State = .stopped
  var reason: Reason = .none
  var since: Moment
  /// What is alive, or was ordered to be; nil when nothing is.
  var process: Process?
  /// The last lives, oldest first, whose groups are empty but whose bookings are not durable yet.
  var unsettled: [Incarnation] = []
  var lastIncarnation: Incarnation?
  /// Why the process is going down.
  var ending: Ending?

  /// Stopped by itself (`name@2`), while its worker is wanted.
  var held: Bool = false
  /// Why it is held.
  var holdReason: Reason = .operator
  /// Paused by itself.
  var pauseHold = false
  /// Scaled down or out of the file: it leaves as soon as nothing of it lives.
  var retiring = false
  /// `stop -t` of a stop that waits for its turn.
  var stopTimeout: Span?
  var waitingFor: [WorkerName] = []

  var crashes = CrashWindow()
  var backoffStep = 0
  var cooldowns = 0
  /// End of backoff, cooldown or wait.
  var due: Instant?
  /// The same of a calendar schedule, where the wall clock decides.
  var dueWall: WallTime?
  var restartsTotal = 0
  /// The next life follows a failure, not a wish.
  var nextIsRestart = false
  var lastExit: LastExit?
  /// Fingerprint of the spec of the last process.
  var fingerprint: UInt64?
  /// Start of the last run, from which an interval counts.
  var lastRun: Instant?
  /// Somebody asked for a run now: it does not wait for the last ones to be judged.
  var isRunAsked = false
  /// A health check failed and has not recovered since: it has had its restart.
  var outage = false

  var timers: [TimerKind: ArmedTimer] = [:]
  /// What was left of timers when the group froze.
  var suspended: [TimerKind: Span] = [:]
  var lastEpoch: UInt64 = 0

  init(id: InstanceID, since: Moment) {
    self.id = id
    self.since = since
  }

  /// A timer that an effect armed.
  struct ArmedTimer: Sendable, Hashable {
    let at: Instant
    let epoch: UInt64
  }

  /// Something alive, or ordered to be.
  struct Process: Sendable, Hashable {
    let incarnation: Incarnation
    /// Nil until the shim has said so.
    var pid: Int32?
    var startedAt: Moment?
    /// It said that it is ready before the shim said that it runs: two sockets keep no order between them.
    var wasReadyEarly = false
    var exit: Exit?
    var emptied = false
    /// The kernel says the group is frozen.
    var frozen = false
    /// What was last ordered: freeze (true) or thaw.
    var freezeOrdered = false
    /// Where a thaw leads back to.
    var resumeState = State.running
    var frozenSince: Instant?
    /// Time spent frozen, which is no running time.
    var frozenSpan = Span.zero
    var watchesReadiness = false
    var watchesHealth = false
    /// A signal to send as soon as there is somebody to send it to.
    var deferredSignal: Int32?
    /// The record spoke of it, the shim not yet.
    var confirmed = true
    /// Its end was judged before the supervisor restarted; only the booking is missing.
    var decided = false
    /// Its parent is gone: only the group's emptiness is awaited.
    var lost = false
    /// An operator's signal: an exit until then is the operator's doing.
    var poke: Poke?

    init(_ incarnation: Incarnation) { self.incarnation = incarnation }
  }

  /// How the main process ended.
  struct Exit: Sendable, Hashable {
    let status: ExitStatus
    let oom: Bool
  }

  /// `kill -s`: a signal that may end the process.
  struct Poke: Sendable, Hashable {
    let until: Instant
    let restart: Bool
  }

  /// Why a process goes down, which decides what follows.
  enum Ending: Sendable, Hashable {
    /// Somebody wanted it to: a stop, a restart, a reload, a drain. Never a crash.
    case asked
    /// An operator's kill: back after the base delay, unless told not to.
    case killed
    /// We ended it because it failed.
    case crash(Reason)
    /// It ended by itself, or said it would.
    case natural
  }

  /// What the fleet knows and the instance does not.
  struct Circumstances: Sendable {
    var spec: WorkerSpec
    var zone: TimeZoneRules
    var fingerprint: UInt64
    /// The worker is wanted.
    var wanted = true
    /// Why it is not.
    var downReason: Reason = .operator
    var paused = false
    var pauseReason: Reason = .operator
    /// The next runs of a job wait.
    var ripening = false
    var draining = false
    /// The shim's list is complete.
    var adopted = true
    /// Workers that must come up first.
    var blockers: [WorkerName] = []
    /// Somebody who needs this one is still going down.
    var stopBlocked = false
  }

  /// A process exists, or may exist.
  var isLive: Bool { process != nil }

  /// It should be up.
  func isWanted(_ around: Circumstances) -> Bool {
    around.wanted && !held && !retiring && !around.draining
  }

  /// It does what its worker is for, so that those who need it may start.
  func isUp(_ spec: WorkerSpec) -> Bool {
    switch spec.mode {
    case .once: state == .completed || state == .ready
    case .interval, .schedule: state == .waiting || state == .running || state == .ready
    case .service: state == .running || state == .ready
    }
  }

  /// Changes the state, once, with its line of history.
  mutating func enter(
    _ next: State, _ why: Reason, _ type: String, _ message: String, _ orders: inout Orders,
    severity: EventRecord.Severity = .info
  ) {
    var details = ["from": state.rawValue, "to": next.rawValue]
    if let incarnation = process?.incarnation ?? lastIncarnation {
      details["incarnation"] = incarnation.description
    }
    state = next
    reason = why
    since = orders.now
    waitingFor = []
    orders.persist(id)
    orders.record(type, id, "\(id) \(message)", severity: severity, details: details)
  }
}
