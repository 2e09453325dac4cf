// A worker as its owner configured it; the keys of workers.d/*.yaml, typed. Defaults are those of
// docs/reference/configuration.md. Must never hold what was learned at run time.

/// Everything the configuration says of one worker.
///
/// A reference to fields that never change: a thousand of them are held by the configuration, the fleet and the lives at
/// once, and each event of a worker hands one on. A set makes new fields.
package struct WorkerSpec: Sendable, Hashable {
  private var box: Box

  /// A worker with every default.
  package init(name: WorkerName, command: Command) {
    box = Box(Fields(name: name, command: command))
  }

  private final class Box: Sendable {
    let fields: Fields
    init(_ fields: Fields) { self.fields = fields }
  }

  private struct Fields: Sendable, Hashable {
    var name: WorkerName
    var command: Command
    var directory: String?
    var identity: Identity = Identity()
    var environment: [String: String] = [:]
    var environmentFile: String?
    var secrets: [String] = []
    var autostart: Bool = true
    var instances: Int = 1
    var minInstances: Int = 0
    var maxInstances: Int = 8
    var mode: Mode = .service
    var ready: Readiness = .none
    var startTimeout: Span = .seconds(60)
    var stopSignal: Int32 = 15
    var stopTimeout: Span = .seconds(10)
    var watchdog: Span = .zero
    var restart: RestartPolicy = .always
    var successExitCodes: Set<Int32> = [0]
    var backoff: Backoff = Backoff()
    var crashLimit: CrashLimit = CrashLimit()
    var requires: [WorkerName] = []
    var after: [WorkerName] = []
    var health: [HealthCheck] = []
    var limits: Limits = Limits()
    var security: Security = Security()
    var logs: Logs = Logs()
    var budget: WorkerBudget = WorkerBudget()
    var economics: EconomicsSpec = EconomicsSpec()
    var gateway: WorkerGateway = WorkerGateway()
    var origin: String = ""
  }

  private mutating func change(_ body: (inout Fields) -> Void) {
    var fields = box.fields
    body(&fields)
    box = Box(fields)
  }

  /// Compares the fields, unless they are the same ones.
  package static func == (a: WorkerSpec, b: WorkerSpec) -> Bool {
    a.box === b.box || a.box.fields == b.box.fields
  }

  /// Feeds the fields.
  package func hash(into hasher: inout Hasher) { hasher.combine(box.fields) }

  /// The worker.
  package var name: WorkerName {
    get { box.fields.name }
    set { change { $0.name = newValue } }
  }
  /// What is executed.
  package var command: Command {
    get { box.fields.command }
    set { change { $0.command = newValue } }
  }
  /// Where it works; nil: `/`.
  package var directory: String? {
    get { box.fields.directory }
    set { change { $0.directory = newValue } }
  }
  /// As whom it runs.
  package var identity: Identity {
    get { box.fields.identity }
    set { change { $0.identity = newValue } }
  }
  /// Names and values; specifiers are still in the values.
  package var environment: [String: String] {
    get { box.fields.environment }
    set { change { $0.environment = newValue } }
  }
  /// A file of more of them; `-` in front: it may be absent.
  package var environmentFile: String? {
    get { box.fields.environmentFile }
    set { change { $0.environmentFile = newValue } }
  }
  /// Names of secrets it gets as files.
  package var secrets: [String] {
    get { box.fields.secrets }
    set { change { $0.secrets = newValue } }
  }
  /// Wanted from the start.
  package var autostart: Bool {
    get { box.fields.autostart }
    set { change { $0.autostart = newValue } }
  }
  /// How many of it.
  package var instances: Int {
    get { box.fields.instances }
    set { change { $0.instances = newValue } }
  }
  /// The fewest that scaling leaves.
  package var minInstances: Int {
    get { box.fields.minInstances }
    set { change { $0.minInstances = newValue } }
  }
  /// The most that scaling makes.
  package var maxInstances: Int {
    get { box.fields.maxInstances }
    set { change { $0.maxInstances = newValue } }
  }
  /// A service, or a job and when it runs.
  package var mode: Mode {
    get { box.fields.mode }
    set { change { $0.mode = newValue } }
  }
  /// What makes it ready.
  package var ready: Readiness {
    get { box.fields.ready }
    set { change { $0.ready = newValue } }
  }
  /// How long it may take to become ready.
  package var startTimeout: Span {
    get { box.fields.startTimeout }
    set { change { $0.startTimeout = newValue } }
  }
  /// What asks it to end.
  package var stopSignal: Int32 {
    get { box.fields.stopSignal }
    set { change { $0.stopSignal = newValue } }
  }
  /// How long it may take to end.
  package var stopTimeout: Span {
    get { box.fields.stopTimeout }
    set { change { $0.stopTimeout = newValue } }
  }
  /// Heartbeat expected by WATCHDOG=1; zero is none.
  package var watchdog: Span {
    get { box.fields.watchdog }
    set { change { $0.watchdog = newValue } }
  }
  /// Whether it comes back.
  package var restart: RestartPolicy {
    get { box.fields.restart }
    set { change { $0.restart = newValue } }
  }
  /// Exit codes that are no failure.
  package var successExitCodes: Set<Int32> {
    get { box.fields.successExitCodes }
    set { change { $0.successExitCodes = newValue } }
  }
  /// How long a restart waits.
  package var backoff: Backoff {
    get { box.fields.backoff }
    set { change { $0.backoff = newValue } }
  }
  /// How many crashes are too many.
  package var crashLimit: CrashLimit {
    get { box.fields.crashLimit }
    set { change { $0.crashLimit = newValue } }
  }
  /// Workers that must be up first.
  package var requires: [WorkerName] {
    get { box.fields.requires }
    set { change { $0.requires = newValue } }
  }
  /// Workers that start first.
  package var after: [WorkerName] {
    get { box.fields.after }
    set { change { $0.after = newValue } }
  }
  /// Looks at whether it works.
  package var health: [HealthCheck] {
    get { box.fields.health }
    set { change { $0.health = newValue } }
  }
  /// What the kernel lets it use.
  package var limits: Limits {
    get { box.fields.limits }
    set { change { $0.limits = newValue } }
  }
  /// What it may do.
  package var security: Security {
    get { box.fields.security }
    set { change { $0.security = newValue } }
  }
  /// Where its output goes.
  package var logs: Logs {
    get { box.fields.logs }
    set { change { $0.logs = newValue } }
  }
  /// What it may spend.
  package var budget: WorkerBudget {
    get { box.fields.budget }
    set { change { $0.budget = newValue } }
  }
  /// What it earns by.
  package var economics: EconomicsSpec {
    get { box.fields.economics }
    set { change { $0.economics = newValue } }
  }
  /// Which models it may call.
  package var gateway: WorkerGateway {
    get { box.fields.gateway }
    set { change { $0.gateway = newValue } }
  }
  /// Where it was defined: FILE:LINE.
  package var origin: String {
    get { box.fields.origin }
    set { change { $0.origin = newValue } }
  }
}
