// The literal table of one slot's machine: every shape it can have against every fact and wish. A cell is the state it
// goes to (`.` when it stays) and the orders to the kernel: P spawn, S signal, K cgroup.kill, F freeze, T thaw, E settle.
// A change of a cell is a change of the product: change the table by hand, and say why.

import NovaModel
import Testing

@testable import NovaLifecycle

@Suite struct LifeTableTests {
  @Test("every state and fact does what the table says")
  func table() {
    let rows = Self.table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows.first.map { Array($0.dropFirst()) } == Shape.allCases.map(\.rawValue))
    #expect(rows.dropFirst().map { $0[0] } == Fact.allCases.map(\.rawValue))
    for (row, fact) in zip(rows.dropFirst(), Fact.allCases) {
      for (cell, shape) in zip(row.dropFirst(), Shape.allCases) {
        #expect(Self.cell(shape, fact) == cell, "\(fact.rawValue) in \(shape.rawValue)")
      }
    }
  }

  static let table = """
    fact            stopped pending spawning   starting   running    ready      paused      pausedDown stopping    ended     killing    backoff    cooldown   waiting    completed  failed     lost       unsettled
    look            .       .       .          .          .          .          .           .          .           .         .          .          .          .          .          .          .          .
    adopted         .:K     .:K     .          .          .          .          .           .:K        .           .         .          .:K        .:K        .:K        .:K        .:K        .          .:K
    spawned         .       .       .          .          .          .          .           .          .           .         .          .          .          .          .          .          .          .
    execFailed      .       .       backoff    .          .          .          .           .          .           .         .          .          .          .          .          .          .          .
    hostShort       .       .       backoff    .          .          .          .           .          .           .         .          .          .          .          .          .          .          .
    exit0           .       .       stopping:S stopping:S stopping:S stopping:S stopping:ST .          .:S         .         .          .          .          .          .          .          .          .
    exit1           .       .       stopping:S stopping:S stopping:S stopping:S stopping:ST .          .:S         .         .          .          .          .          .          .          .          .
    exitTERM        .       .       stopping:S stopping:S stopping:S stopping:S stopping:ST .          .:S         .         .          .          .          .          .          .          .          .
    emptied         .       .       .          .          .          .          .           .          .           backoff:E .          .          .          .          .          .          starting:EP .
    gone            .       .       backoff:SE backoff:SE backoff:SE backoff:SE .:STE       .          starting:SEP backoff:E starting:EP .        .          .          .          .          starting:EP .
    settled         .       .       .          .          .          .          .           .          .           .         .          .          .          .          .          .          .          .:P
    becameReady     .       .       .          ready      .          .          .           .          .           .         .          .          .          .          .          .          .          .
    heartbeat       .       .       .          .          .          .          .           .          .           .         .          .          .          .          .          .          .          .
    watchdogTrigger .       .       .          .          stopping:S stopping:S .           .          .           .         .          .          .          .          .          .          .          .
    extended        .       .       .          .          .          .          .           .          .           .         .          .          .          .          .          .          .          .
    announced       .       .       .          .          stopping   stopping   .           .          .           .         .          .          .          .          .          .          .          .
    healthFailed    .       .       .          .          stopping:S stopping:S .           .          .           .         .          .          .          .          .          .          .          .
    healthRecovered .       .       .          .          .          .          .           .          .           .         .          .          .          .          .          .          .          .
    memoryExceeded  .       .       killing    killing:K  killing:K  killing:K  killing:K   .          .           .         .          .          .          .          .          .          .          .
    froze           .       .       .          paused:T   paused:T   paused:T   .           .          .:T         .:T       .:T        .          .          .          .          .          .:T        .
    thawed          .       .       .          .          .          .          running:F   .          .           .         .          .          .          .          .          .          .          .
    freezeFailed    .       .       .          .          .          .          .           .          .           .         .          .          .          .          .          .          .          .
    startTimeout    .       .       stopping   stopping:S .          .          .           .          .           .         .          .          .          .          .          .          .          .
    stopTimeout     .       .       .          .          .          .          .           .          killing:K   killing:K .          .          .          .          .          .          .          .
    killRepeat      .       .       .          .          .          .          .           .          .           .         .:K        .          .          .          .          .          .:K        .
    backoff         .       .       .          .          .          .          .           .          .           .         .          starting:P .          .          .          .          .          .
    cooldown        .       .       .          .          .          .          .           .          .           .         .          .          starting:P .          .          .          .          .
    stable          .       .       .          .          .          .          .           .          .           .         .          .          .          .          .          .          .          .
    watchdog        .       .       .          .          stopping:S stopping:S .           .          .           .         .          .          .          .          .          .          .          .
    nextRun         .       .       .          .          .          .          .           .          .           .         .          .          .          starting:P .          .          .          .
    stale           .       .       .          .          .          .          .           .          .           .         .          .          .          .          .          .          .          .
    otherLife       .       .       .          .          .          .          .           .          .           .         .          .          .          .          .          .          .          .
    stop            .       stopped stopping   stopping:S stopping:S stopping:S stopping:ST stopped    .           .         .          stopped    stopped    stopped    stopped    stopped    .          stopped
    kill            .       .       killing    killing:K  killing:K  killing:K  killing:K   .          killing:K   killing:K .          .          .          .          .          .          .          .
    restart         .       .       stopping   stopping:S stopping:S stopping:S stopping:ST .          .           .         .          starting:P starting:P starting:P starting:P starting:P .          .
    pauseAsked      .       paused  .          .:F        .:F        .:F        .           .          .           .         .          paused     .          paused     .          .          .          paused
    blocked         .       stopped .          .          .          .          .           stopped    .           .         .          stopped    stopped    stopped    stopped    stopped    .          stopped
    reload          .       .       stopping   stopping:S stopping:S stopping:S stopping:ST .          .           .         .          .          .          .          .          .          .          .
    shimLost        .       .       lost:K     lost:K     lost:K     lost:K     lost:K      .          lost:K      lost:K    lost:K     .          .          .          .          .          .          .
    drain           .       stopped stopping   stopping:S stopping:S stopping:S stopping:ST .          .           .         .          .          .          .          .          .          .          stopped
    """

  /// The shapes of a slot, `unsettled` with as many bookings in flight as there may be; the states of `novasup ps`, where it matters with what lies behind them.
  enum Shape: String, CaseIterable {
    case stopped, pending, spawning, starting, running, ready, paused, pausedDown, stopping
    case ended, killing, backoff, cooldown, waiting, completed, failed, lost, unsettled
  }

  enum Fact: String, CaseIterable {
    case look, adopted, spawned, execFailed, hostShort, exit0, exit1, exitTERM, emptied, gone
    case settled, becameReady, heartbeat, watchdogTrigger, extended, announced, healthFailed
    case healthRecovered, memoryExceeded, froze, thawed, freezeFailed
    case startTimeout, stopTimeout, killRepeat, backoff, cooldown, stable, watchdog, nextRun, stale
    case otherLife, stop, kill, restart, pauseAsked, blocked, reload, shimLost, drain
  }

  static func cell(_ shape: Shape, _ fact: Fact) -> String {
    let now = Moment(
      instant: Instant(nanoseconds: 2_000_000_000_000), wall: WallTime(microseconds: 0))
    var around = circumstances(shape)
    var orders = Orders(
      now: now, boot: BootInfo(id: "b", boottimeOffset: 0), random: SplitMix64(seed: 1),
      nextIncarnation: 50)
    var life = make(shape, around, &orders, now)
    let before = life.state
    let skip = orders.effects.count
    apply(fact, &life, &around, &orders)
    life.reconcile(around, &orders)
    let letters = orders.effects.dropFirst(skip).compactMap { effect -> String? in
      switch effect {
      case .spawn: "P"
      case .signal, .askToEnd: "S"
      case .killGroup: "K"
      case .freeze: "F"
      case .thaw: "T"
      case .settle: "E"
      default: nil
      }
    }.joined()
    let state = life.state == before ? "." : life.state.rawValue
    return letters.isEmpty ? state : "\(state):\(letters)"
  }

  private static func circumstances(_ shape: Shape) -> InstanceLife.Circumstances {
    let spec = worker("w") {
      if [.starting, .ready, .spawning].contains(shape) { $0.ready = .notify }
      if shape == .waiting { $0.mode = .interval(.seconds(60)) }
      $0.watchdog = .seconds(5)
    }
    var around = InstanceLife.Circumstances(spec: spec, zone: .utc, fingerprint: 1)
    switch shape {
    case .stopped: around.wanted = false
    case .pending: around.blockers = [named("db")]
    case .paused, .pausedDown: around.paused = true
    default: break
    }
    return around
  }

  /// The one life that is there has the number 7, and lived for a minute.
  private static func make(
    _ shape: Shape, _ around: InstanceLife.Circumstances, _ orders: inout Orders, _ now: Moment
  ) -> InstanceLife {
    let past = Moment(instant: now.instant + .seconds(-60), wall: now.wall + .seconds(-60))
    var life = InstanceLife(id: slot("w@1"), since: past)
    life.fingerprint = 1
    life.lastIncarnation = Incarnation(7)
    life.lastRun = past.instant
    func process(_ change: (inout InstanceLife.Process) -> Void = { _ in }) -> InstanceLife.Process
    {
      var process = InstanceLife.Process(Incarnation(7))
      process.pid = 100
      process.startedAt = past
      change(&process)
      return process
    }
    switch shape {
    case .stopped, .pausedDown, .completed, .failed: break
    case .pending: life.waitingFor = [named("db")]
    case .spawning:
      life.process = process {
        $0.pid = nil
        $0.startedAt = nil
      }
    case .paused:
      life.process = process {
        $0.frozen = true
        $0.freezeOrdered = true
        $0.frozenSince = past.instant
      }
    case .stopping, .killing:
      life.process = process()
      life.ending = .asked
    case .ended:
      life.process = process { $0.exit = InstanceLife.Exit(status: .exited(1), oom: false) }
      life.ending = .natural
    case .lost: life.process = process { $0.lost = true }
    case .starting, .running, .ready: life.process = process()
    case .backoff, .cooldown, .waiting: life.due = now.instant + .seconds(30)
    case .unsettled: life.unsettled = [Incarnation(6), Incarnation(7)]
    }
    life.state =
      [
        .pending: .starting, .spawning: .starting, .pausedDown: .paused, .ended: .stopping,
        .unsettled: .starting,
      ][shape] ?? State(rawValue: shape.rawValue) ?? .stopped
    let timer: TimerKind? = [
      .spawning: .startTimeout, .starting: .startTimeout, .stopping: .stopTimeout,
      .ended: .stopTimeout, .killing: .killRepeat, .lost: .killRepeat, .backoff: .backoff,
      .cooldown: .cooldown, .waiting: .nextRun,
    ][shape]
    if let timer { life.arm(timer, at: now.instant + .seconds(30), &orders) }
    if shape == .running || shape == .ready {
      life.arm(.watchdog, at: now.instant + .seconds(5), &orders)
      life.arm(.stable, at: now.instant + .seconds(540), &orders)
    }
    return life
  }

  private static func apply(
    _ fact: Fact, _ life: inout InstanceLife, _ around: inout InstanceLife.Circumstances,
    _ orders: inout Orders
  ) {
    let seven = Incarnation(7)
    func take(_ event: InstanceEvent) { life.take(event, around, &orders) }
    func fire(_ kind: TimerKind) {
      take(.timerFired(kind, epoch: life.timers[kind]?.epoch ?? 999))
    }
    switch fact {
    case .look: break
    case .adopted: take(.adopted(seven, pid: 100, frozen: false))
    case .spawned: take(.spawned(seven, pid: 100))
    case .execFailed: take(.spawnFailed(seven, .exec, errno: 2))
    case .hostShort: take(.spawnFailed(seven, .clone, errno: 11))
    case .exit0: take(.exited(seven, .exited(0), oom: false))
    case .exit1: take(.exited(seven, .exited(1), oom: false))
    case .exitTERM: take(.exited(seven, .signaled(15, coreDumped: false), oom: false))
    case .emptied: take(.emptied(seven))
    case .gone:
      take(.exited(seven, .exited(1), oom: false))
      take(.emptied(seven))
    case .settled: take(.settled(seven))
    case .becameReady: take(.becameReady(seven))
    case .heartbeat: take(.heartbeat(seven))
    case .watchdogTrigger: take(.watchdogTriggered(seven))
    case .extended: take(.timeoutExtended(seven, .seconds(90)))
    case .announced: take(.announcedStopping(seven))
    case .healthFailed: take(.healthFailed(seven, check: "h"))
    case .healthRecovered: take(.healthRecovered(seven))
    case .memoryExceeded: take(.memoryExceeded(seven))
    case .froze: take(.froze(seven))
    case .thawed: take(.thawed(seven))
    case .freezeFailed: take(.freezeFailed(seven, errno: 95))
    case .startTimeout: fire(.startTimeout)
    case .stopTimeout: fire(.stopTimeout)
    case .killRepeat: fire(.killRepeat)
    case .backoff: fire(.backoff)
    case .cooldown: fire(.cooldown)
    case .stable: fire(.stable)
    case .watchdog: fire(.watchdog)
    case .nextRun: fire(.nextRun)
    case .stale: for kind in TimerKind.allCases { take(.timerFired(kind, epoch: 0)) }
    case .otherLife:
      take(.exited(Incarnation(6), .exited(1), oom: false))
      take(.emptied(Incarnation(6)))
      take(.settled(Incarnation(8)))
    case .stop:
      around.wanted = false
      life.stop(timeout: nil, &orders)
    case .kill: life.kill(&orders)
    case .restart: life.restart(.operator, around, &orders)
    case .pauseAsked: around.paused = true
    case .blocked: around.stopBlocked = true; around.wanted = false
    case .reload: around.fingerprint = 2
    case .shimLost:
      around.adopted = false
      life.lose(around, &orders)
    case .drain: around.draining = true
    }
  }
}
