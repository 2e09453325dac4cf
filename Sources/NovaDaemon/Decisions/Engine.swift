// What the brain keeps for decisions between ticks. Everything of it can be made again from the ledger.
// Must never be changed from anywhere but the loop's thread.

import NovaEconomics
import NovaLedger
import NovaModel

/// The state of the decision engine.
final class Engine {
  /// Accounts, and runs on their way.
  var economy = Economy()
  /// Stored evaluations were taken up to this one; nothing is decided before all were.
  var rebuiltThrough: Int64 = 0
  var isRebuilding = true
  /// False: the ledger could not be read, and nothing is decided.
  var isReadable = true
  /// The generation of the configuration that epochs were compared with.
  var seenGeneration: Int64 = -1
  /// Decisions that may still change.
  private(set) var open: [Int64: DecisionRecord] = [:]
  /// Their numbers by worker: a tick asks for each that is due.
  private var openOf: [WorkerName: Set<Int64>] = [:]
  var lastDecision: Int64 = 0
  /// When the engine has killed by itself, in the last day.
  var kills: [WallTime] = []
  /// What was refused of each worker, and until when it is not proposed again.
  var refused: [WorkerName: (order: String, until: WallTime)] = [:]
  /// What was said to be withheld, so that it is said once.
  var withheld: [WorkerName: String] = [:]
  /// The last decision about each worker, for its page.
  var latest: [WorkerName: DecisionRecord] = [:]
  /// Workers that the engine paused, and by which rule.
  var paused: [WorkerName: DecisionRule] = [:]
  /// The last fact that one of its orders was.
  var lastOrder = 0
  var alerts = AlertBook()
  /// Somebody's order, which outweighs the configuration.
  var ordered: Bool?
  /// When the last tick was, and how long it took.
  var lastTick: WallTime?
  var lastTickSpan: Span?
  /// Sources of revenue that do not answer, and since when.
  var stale: [String: WallTime] = [:]
  /// Which workers have ever earned from such a source.
  var earners: [String: Set<WorkerName>] = [:]
  /// The pulse of the sources, and those that have fallen silent by themselves.
  var sources = SourceWatch()
  var silent: [String: SourceSilence] = [:]
  /// Those of them whose earners are not judged, as it was at the last tick.
  var frozenSources: Set<String> = []
  /// Revenue of seven days, and nobody's part of it.
  var recent = RecentRevenue()
  /// Instances that were lost since the last tick.
  var lost: [WorkerName: Set<InstanceID>] = [:]
  /// Jobs whose next runs wait, as the fleet was told.
  var ripening: Set<WorkerName> = []
  /// A tick is due before its time: a budget has spoken.
  var isTickDue = false

  /// Nothing known yet.
  init() {}

  /// Goes on where the last supervisor ended.
  func restore(_ state: EngineState, settings: EngineSettings, speed: Int, now: WallTime) {
    economy = Economy(factors: TestFactors(settings.thresholds))
    economy.speed = Int64(speed)
    for epoch in state.epochs.values { begin(epoch) }
    seenGeneration = -1
    isReadable = true
    open = [:]
    openOf = [:]
    kills = []
    refused = [:]
    rebuiltThrough = 0
    isRebuilding = true
    lastDecision = state.lastDecision
    for decision in state.decisions {
      latest[decision.worker] = decision
      if decision.state.isOpen { add(decision) }
      note(decision)
    }
    kills.removeAll { now - $0 > .seconds(86_400) }
    stale = state.stale
    earners = [:]
    recent = RecentRevenue()
    for quarter in state.revenue { recent.take(quarter) }
    sources = SourceWatch()
    sources.speed = Int64(speed)
    for news in state.news { sources.take(news.source, of: news.worker, at: news.at) }
    // While nobody listened nobody was silent, but who was silent before.
    sources.excuse(at: now, except: state.silent)
    silent = [:]
    for silence in sources.silent(at: now) where state.silent.contains(silence.source) {
      silent[silence.source] = silence
    }
    // Whoever of them freezes: the first tick sees what of it still holds.
    frozenSources = Set(silent.keys)
    alerts = AlertBook(active: state.alerts, nextID: state.lastAlert + 1, debounce: alerts.debounce)
    ordered = state.settings[.autonomous].map { $0 != 0 }
  }

  /// Where maturation is not known from a specification yet: replaced when the worker is seen.
  private func begin(_ epoch: EpochRecord) {
    economy.begin(epoch, maturation: Maturation(medianHours: 0, horizonHours: 1))
  }

  /// A decision that may still change.
  func add(_ decision: DecisionRecord) {
    open[decision.id] = decision
    openOf[decision.worker, default: []].insert(decision.id)
  }

  /// It is resolved.
  func close(_ id: Int64) {
    guard let decision = open.removeValue(forKey: id) else { return }
    openOf[decision.worker]?.remove(id)
    if openOf[decision.worker]?.isEmpty == true { openOf[decision.worker] = nil }
  }

  /// What of a worker may still change, oldest first.
  func open(of worker: WorkerName) -> [DecisionRecord] {
    (openOf[worker] ?? []).sorted().compactMap { open[$0] }
  }

  /// What a resolved decision means for later ones.
  func note(_ decision: DecisionRecord) {
    latest[decision.worker] = decision
    switch decision.state {
    case .executed:
      if decision.action == DecisionAction.kill.rawValue, decision.resolvedBy == "engine" {
        let at = decision.resolved ?? decision.at
        kills.removeAll { at - $0 > .seconds(86_400) }
        kills.append(at)
      }
      if decision.action == DecisionAction.pause.rawValue,
        let verdict = Verdict(text: decision.verdict)
      {
        paused[decision.worker] = verdict.rule
      }
    case .rejected, .expired:
      let until = (decision.resolved ?? decision.at) + Self.patience
      refused[decision.worker] = (Self.order(decision), until)
    default: break
    }
  }

  /// After a rejection the same is not proposed again for so long.
  static let patience = Span.seconds(86_400)
  /// An approval waits so long.
  static let timeToLive = Span.seconds(86_400)

  /// What makes two decisions the same order, instances aside.
  static func order(_ decision: DecisionRecord) -> String { decision.action }

  /// How many it has killed by itself lately.
  func killCounts(at now: WallTime) -> (hour: Int, day: Int) {
    let speed = max(1, economy.speed)
    // Also those of this very tick, which come after its beginning, and of a clock that was set back since.
    func count(_ span: Span) -> Int { kills.count { now - $0 < span && $0 - now < span } }
    return (
      count(.milliseconds(3_600_000 / speed)), count(.milliseconds(86_400_000 / speed))
    )
  }
}
