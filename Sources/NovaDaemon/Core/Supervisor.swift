// The brain: one thread, one loop. One turn drains a bounded batch of facts, runs the fleet, performs its orders in
// sequence, hands the ledger what changed and then pings the watchdog.
// Must never block, be the parent of a worker, or exit over an operating error once it has started.

import NovaEconomics
import NovaHTTP
import NovaLedger
package import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// Everything the running supervisor holds; extended, a topic a file.
package final class Supervisor {
  /// Where things are.
  package let options: Options
  let loop: EventLoop
  let journal: Journal
  let ledger: Ledger
  let history: History
  let service: ServiceManager
  let started: Moment
  let processEnvironment: [String: String]

  /// What should be; only `settle()` changes it.
  package internal(set) var fleet: Fleet
  var timers = TimerQueue()
  var wakeup: NovaLinux.Timer?
  /// Facts not handled yet, oldest first.
  var facts: ArraySlice<FleetEvent> = []
  /// How many there have been.
  var posted = 0
  /// What the fleet has ordered and is not carried out yet: ten thousand starts are not one turn.
  var orders: ArraySlice<Effect> = []

  /// The present life of each instance: ordered, alive, or ended and not judged yet.
  package internal(set) var lives = LifeTable()
  /// Lives that ended and whose bookings are on their way to the disk; at most two an instance.
  var settling: [InstanceID: [Life]] = [:]
  /// Main processes that have not ended: most datagrams come from one, and a look in /proc costs more than this.
  var mainProcesses: [Int32: InstanceID] = [:]
  /// Open incarnations of the ledger that the shim has not spoken of yet.
  var openRecords: [Incarnation: IncarnationRecord] = [:]
  /// Lives whose final booking is on its way to the disk: a repeated report of their exit says nothing new.
  var unbooked: Set<Incarnation> = []
  /// Why the last spawn of an instance failed, for people.
  var failures: [InstanceID: String] = [:]
  /// Booked cost of incarnations that ended, by instance.
  var endedCosts: [InstanceID: Money] = [:]

  var shim: ShimLink?
  var hello: ShimHello?
  /// The program that the shim was told to become.
  var renewedTo: ProgramFile?
  var isRenewing = false
  var tree: CgroupTree?
  var watcher: WatcherBox?
  var watched: [GroupWatcher.Key: InstanceID] = [:]
  var notifySockets: [WorkerName: NotifyInbox] = [:]
  /// Sockets that were heard in this turn, those that have said too much for the moment, and those that keep what they said.
  var resting: [NotifyInbox] = [], overfull: [NotifyInbox] = [], keeping: [NotifyInbox] = []
  var notifyRest: NovaLinux.Timer?
  /// Who listens in a network of its own, and where nova-edge is told.
  var listeners = ListenerDesk()
  var listenerSocket: ListenerSocket?
  var checks: [String: RunningCheck] = [:]
  var lastCheck: UInt64 = 0
  var prober: Prober?
  var hasAdopted = false
  /// Lives whose order to spawn was sent over a connection that broke, until the shim's list tells.
  var unconfirmed: [Life] = []
  /// Reports of a list that is not complete yet; nil while none is asked for.
  var listing: [ListedLife]?

  var configuration: Configuration?
  var configurationGeneration: Int64 = 0
  var configurationAccepted: WallTime?
  var credentials: Credentials
  var users = UserCache()
  var price: PriceVersion
  var pricing: UsagePricing
  /// Up to when the host's own price is booked; nil while it has none.
  var hostAccount: HostAccount?
  /// Writes of this turn.
  var writes: [LedgerWrite] = []
  /// Instances whose records follow at the end of the turn.
  var changed: Set<InstanceID> = []
  var changedInOrder: [InstanceID] = []
  var tickets: [UInt64: Ticket] = [:]
  /// Called when this turn's writes are on the disk: what was booked, and who waits for an answer.
  var afterCommit: [() -> Void] = []
  var unanswered: [(after: Int, answer: () -> Void)] = []
  var lastTicket: UInt64 = 0
  /// Writes of this turn that have an answer of their own, and who waits for it.
  var writesWithTicket: [(LedgerWrite, UInt64)] = []
  var moneyTickets: [UInt64: (MoneyAnswer) -> Void] = [:]
  /// Who waits for the answer to a long question.
  var questions: [UInt64: (LedgerAnswer) -> Void] = [:]
  /// The running totals of money, and those of today.
  package internal(set) var books = Books()
  var today = DaySums(holding: WallTime(microseconds: 0), in: .utc)
  /// Rates of exchange by currency, oldest first.
  var rates: [String: [ExchangeRate]] = [:]
  /// Decisions, and what they rest on.
  let engine = Engine()
  /// What workers used, cost and earned over time.
  var figures = FigureDesk()
  var ledgerTrouble: String?
  /// Limits and what is left of them.
  package internal(set) var desk = BudgetDesk(
    day: CalendarDay(holding: WallTime(microseconds: 0), in: .utc))
  var budgetTimer: NovaLinux.Timer?
  /// Calls of models, their prices and who may make them.
  var gateway: GatewayDesk
  var warnings: [String] = []

  var sources: [Source] = []
  var periodic: [NovaLinux.Timer] = []
  var sampleTimer: NovaLinux.Timer?
  /// When the last round of readings began.
  var lastRound: Instant?
  /// When those who follow are told what happened.
  var tellTimer: NovaLinux.Timer?
  /// Readings, looks at log files and bookings of everybody.
  var sampling: LifeRound?, rotations: LifeRound?, bookings: LifeRound?
  /// When memory is given back.
  var memory = MemoryRest()
  var memoryTimer: NovaLinux.Timer?
  /// RLIMIT_NOFILE, from which the files of readings are kept open.
  var fileLimit: UInt64 = 1024
  /// How long the loop's turns take.
  var turns = TurnLog()
  /// Lives whose files are kept open.
  var keptReaders = 0
  /// One for all readings.
  var readBuffer = ReadBuffer()
  var api: HTTPServer?
  var access: AccessRule
  /// Refused requests of the present minute.
  var refusals = RefusalLog()
  var refusalTimer: NovaLinux.Timer?
  var waiters: [Int: Waiter] = [:]
  var lastWaiter = 0
  var logins = Logins()
  /// Files being shortened, and files to rename at the next start of their worker.
  var rotating: Set<String> = []
  /// Instances that write much, and how many looks they are worth yet.
  var hotLogs: [InstanceID: Int] = [:]
  var hotTimer: NovaLinux.Timer?
  var renameAtStart: Set<String> = []
  /// Where the present life of an instance and the one before begin in its files.
  var logMarks: [String: LogMarks] = [:]
  /// Streams into journald that lives hold.
  var journalStreams = 0
  /// Sentences that were said and need not be repeated.
  var saidOnce: Set<String> = []
  var hostNotes: [String] = []
  var startWarning: String?
  /// The backup being made.
  var backup: RunningBackup?
  var lastBackup: UInt64 = 0
  var lock: LockBox?

  /// Set when the loop should end, with the exit code.
  package internal(set) var finish: Int32?
  var draining = false
  var lastStatus = ""
  var nextStatus = Instant(nanoseconds: 0)
  var nextPing: Instant?

  init(_ parts: Parts) {
    options = parts.options
    loop = parts.loop
    journal = parts.journal
    ledger = parts.ledger
    service = ServiceManager()
    started = Clock.now()
    processEnvironment = parts.environment
    history = History(nextID: parts.state.nextEventID, journal: parts.journal)
    fleet = Fleet(
      boot: BootInfo(id: parts.bootID, boottimeOffset: Self.boottimeOffset()),
      seed: Clock.boottime())
    for record in parts.state.openIncarnations { openRecords[record.incarnation] = record }
    credentials = Credentials(
      root: parts.options.credentialsDirectory,
      ownDirectory: parts.environment["CREDENTIALS_DIRECTORY"], environment: [:])
    price =
      parts.state.price
      ?? PriceVersion(id: PriceID(0), since: WallTime(microseconds: 0), prices: HostPrices())
    pricing = UsagePricing(
      price.prices.effective(
        on: HostCapacity(
          cores: HostSize.processors, memoryBytes: HostSize.memoryBytes, gpus: HostSize.gpus)))
    hostAccount = parts.state.hostAccount.map(HostAccount.init)
    rates = Dictionary(grouping: parts.state.rates, by: \.currency)
    gateway = GatewayDesk(parts.state.gateway)
    access = AccessRule(
      ownUID: OwnProcess.uid, adminGroup: (try? UserLookup.group("nova-admin")) ?? nil,
      readerGroup: (try? UserLookup.group("nova")) ?? nil,
      edgeUID: (try? UserLookup.user("nova-edge"))??.uid)
  }

  /// What start-up has made by the time the supervisor exists.
  struct Parts {
    let options: Options
    let loop: EventLoop
    let journal: Journal
    let ledger: Ledger
    let state: DurableState
    let bootID: String
    let environment: [String: String]
  }

  /// CLOCK_BOOTTIME minus CLOCK_MONOTONIC now, nanoseconds.
  static func boottimeOffset() -> UInt64 {
    let boottime = Clock.boottime()
    let monotonic = Clock.now().instant.nanoseconds
    return boottime > monotonic ? boottime - monotonic : 0
  }
}
