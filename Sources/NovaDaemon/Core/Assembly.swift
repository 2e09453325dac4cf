// Start-up: strict, in one visible order, every failure a sentence. From the lock to the first turn.
// Must never leave anything running when it refuses to start.

import Glibc
import NovaEconomics
import NovaHTTP
import NovaLedger
import NovaLifecycle
import NovaLinux
import NovaModel
import NovaWire

/// Why the supervisor did not start, for people.
package struct StartFailure: Error, Sendable {
  /// Sentences, one a line; each `cannot X: why (what to do)`.
  package let sentences: [String]

  init(_ sentences: String...) { self.sentences = sentences }
  init(list: [String]) { sentences = list }
}

extension Supervisor {
  /// Builds a supervisor that is ready to run. The lock is held for as long as it lives.
  package static func assemble(
    _ options: Options, environment: [String: String]
  ) throws(StartFailure) -> Supervisor {
    for (path, mode) in [
      (options.runtime, UInt32(0o755)), (options.state, 0o750), (options.logsDirectory, 0o750),
      (options.notifyDirectory, 0o755), (options.credentialsDirectory, 0o711),
      (options.transientDirectory, 0o700),
    ] {
      do {
        try Directory.make(path, mode: mode)
      } catch {
        throw StartFailure(
          "\(error.message) (choose others with --state and --runtime, or run as root)")
      }
    }
    // Left by a release that let the umask have its way: workers must be able to pass through these.
    try? Directory.hand(options.notifyDirectory, mode: 0o755, owner: nil)
    try? Directory.hand(options.credentialsDirectory, mode: 0o711, owner: nil)
    OwnProcess.forbidDumps()
    Allocator.limitArenas()
    let lock: LockBox
    do {
      lock = LockBox(try RuntimeLock.take(options.runtime))
    } catch {
      throw StartFailure(
        error.isHeldLock
          ? "cannot start on \(options.runtime): \(error.reason ?? "another supervisor runs there")"
            + " (use another --runtime, or novasup to talk to it)" : error.message)
    }
    let loop: EventLoop
    do {
      loop = try EventLoop()
    } catch {
      throw StartFailure(error.message)
    }
    let ledger: Ledger
    let state: DurableState
    let recovery: Recovery?
    do throws(LedgerError) {
      (ledger, state, recovery) = try Ledger.open(
        path: options.database, shelf: BackupShelf(options.backupsDirectory), now: Clock.now().wall)
    } catch {
      throw StartFailure("\(error)")
    }
    let supervisor = Supervisor(
      Parts(
        options: options, loop: loop, journal: Journal(), ledger: ledger, state: state,
        bootID: Clock.bootID() ?? "unknown", environment: environment))
    supervisor.lock = lock
    try supervisor.adoptConfiguration(state)
    supervisor.restore(state)
    if let recovery { supervisor.say(recovery) }
    do {
      try supervisor.connect()
    } catch {
      throw StartFailure(error.message)
    }
    return supervisor
  }

  /// The configuration on disk, or the stored one when workers live that a refusal would leave alone.
  private func adoptConfiguration(_ state: DurableState) throws(StartFailure) {
    var sentences: [String] = []
    do {
      let files = try ConfigurationFiles.read(
        options.configuration, transient: options.transientDirectory)
      let result = files.load(processEnvironment: processEnvironment)
      if let accepted = result.configuration {
        return accept(accepted, files, warnings: result.warnings, generation: state)
      }
      sentences = result.problems.map(\.description)
    } catch {
      let advice =
        error.number == EFBIG
        ? "a file may have 1 MiB, and workers.d many files" : "say where it is with --config"
      sentences = ["\(error.message) (\(advice))"]
    }
    guard let stored = state.configuration, shimHasChildren(),
      let (configuration, files) = load(stored)
    else { throw StartFailure(list: sentences) }
    let sentence =
      "the configuration cannot be used, running on the one accepted at \(stored.accepted.rfc3339): "
      + (sentences.first ?? "")
    startWarning = sentence
    accept(configuration, files, warnings: [], generation: state)
    warnings.append(sentence)
  }

  private func load(_ stored: StoredConfiguration) -> (Configuration, ConfigurationFiles)? {
    var files = ConfigurationFiles()
    for file in stored.files {
      if file.path.hasSuffix("/supervisor.yaml") {
        files.supervisor = file
      } else {
        files.workers.append(file)
      }
    }
    // Transient workers are never stored: their files lie in the runtime directory.
    files.transient = (try? TransientFiles.read(options.transientDirectory)) ?? []
    // nova.env is never stored; what is on disk now still counts where it can be read.
    if let current = try? ConfigurationFiles.read(options.configuration) {
      files.environment = current.environment
    }
    return files.load(processEnvironment: processEnvironment).configuration.map { ($0, files) }
  }

  /// Whether workers live that a refusal to start would leave alone: asked of the one who knows, for at most 2 s.
  private func shimHasChildren() -> Bool {
    guard let client = try? ShimClient.connect(to: options.shimSocket),
      (try? client.send(.hello(version: ShimProtocol.version, features: []))) != nil,
      (try? client.send(.list)) != nil
    else { return false }
    let deadline = Clock.now().instant + .seconds(2)
    while Clock.now().instant < deadline, !client.isClosed {
      client.flush()
      _ = DescriptorWait.readable(client.descriptor, until: deadline)
      for report in (try? client.receive()) ?? [] {
        switch report {
        case .child: return true
        case .listed: return false
        default: continue
        }
      }
    }
    return false
  }

  private func restore(_ state: DurableState) {
    loadBooks()
    restoreBudgets(state.budgets)
    if let summaries = try? ledger.usage(since: WallTime(microseconds: 0)) {
      for (id, summary) in summaries { endedCosts[id] = summary.cost }
    }
    for record in state.openIncarnations {
      // Open lives are counted by their own record while they live.
      endedCosts[record.id] = endedCosts[record.id].map { $0 - record.cost }
    }
    post(
      .restored(
        workers: state.workers, instances: state.instances, nextIncarnation: state.nextIncarnation))
    if let configuration { post(.configured(configuration, by: .supervisor)) }
    settle()
    history.record(
      EventRecord(
        at: started.wall, type: "supervisor.started", severity: .notice,
        message: "nova-supervisor \(Version.text) started with \(fleet.workerNames.count) workers"))
    if let sentence = startWarning { trouble(sentence) }
    restoreEngine()
    storeBeforeStarting()
  }

  /// The most urgent thing on every page until somebody restarts the supervisor, and a line of history for good.
  private func say(_ recovery: Recovery) {
    warnings.insert(recovery.sentence, at: 0)
    history.record(
      EventRecord(
        at: started.wall, type: "ledger.restored", severity: .critical, message: recovery.sentence,
        details: recovery.details))
  }

  /// The accepted configuration is on the disk before the first worker starts by it, so that a later brain always has
  /// one to run on. At most 5 s: a disk that refuses delays nothing for ever and is said by the ledger.
  private func storeBeforeStarting() {
    var isStored = false
    afterCommit.append { isStored = true }
    commit()
    let deadline = Clock.now().instant + .seconds(5)
    while !isStored, ledgerTrouble == nil, Clock.now().instant < deadline {
      _ = DescriptorWait.readable(ledger.completionDescriptor, until: deadline)
      drainLedger()
    }
  }

  /// Everything the loop watches.
  private func connect() throws(SystemError) {
    OpenFiles.raise()
    fileLimit = OpenFiles.limit().soft
    wakeup = try loop.timer {}
    prober = try Prober(loop: loop)
    sources.append(
      try loop.watch(ledger.completionDescriptor, .readable) { [weak self] _ in self?.drainLedger()
      })
    watcher = WatcherBox(try GroupWatcher())
    if let watcher {
      sources.append(
        try loop.watch(watcher.descriptor, .readable) { [weak self] _ in self?.drainWatcher() })
    }
    try watchSignals()
    sampleTimer = try loop.timer { [weak self] in self?.beginSampling() }
    // 20 ms: nobody sees it, and a hundred crashes a second do not wait while somebody is told of each.
    tellTimer = try loop.timer { [weak self] in self?.history.tell() }
    history.onUntold = { [weak self] in
      self?.tellTimer?.arm(at: Clock.now().instant + .milliseconds(20))
    }
    refusalTimer = try loop.timer { [weak self] in self?.endRefusals() }
    hotTimer = try loop.timer { [weak self] in self?.lookAtHotLogs() }
    notifyRest = try loop.timer { [weak self] in self?.endNotifyRest() }
    budgetTimer = try loop.timer { [weak self] in self?.budgetTick() }
    sampling = try LifeRound(loop, slice: Self.sampleSlice) { [weak self] in self?.sample($0) }
    rotations = try LifeRound(loop, slice: 100) { [weak self] in self?.rotateLogs(of: $0) }
    bookings = try LifeRound(loop, slice: 50) { [weak self] in self?.book($0) }
    sampleTimer?.arm(at: Clock.now().instant + .milliseconds(100))
    try every(
      .seconds(60),
      interval: { [weak self] in
        self?.configuration?.settings.accounting.bookingInterval ?? .seconds(60)
      }
    ) { [weak self] in self?.bookRound() }
    try every(
      .milliseconds(50),
      interval: { [weak self] in self?.hasEvaluations == true ? .milliseconds(1) : .seconds(1) }
    ) { [weak self] in self?.beatEngine() }
    try every(.seconds(5), interval: { .seconds(5) }) { [weak self] in
      self?.forEveryLife(\.rotations)
    }
    memoryTimer = try loop.timer { [weak self] in self?.giveMemoryBack() }
    grewLarge()
    try every(.milliseconds(200), interval: { Self.maturedInterval }) { [weak self] in
      self?.lookAtReinvestment()
    }
    try every(.seconds(60), interval: { .seconds(3600) }) { [weak self] in self?.retain() }
    try every(.seconds(30), interval: { .seconds(300) }) { [weak self] in self?.backUpIfDue() }
    if let period = service.watchdogPeriod {
      nextPing = Clock.now().instant
      try every(period, interval: { period }) {}
    }
    var limits = HTTPLimits()
    limits.bodies["/v1/gateway/prices"] = GatewayPrices.maximumRequestBytes
    api = try HTTPServer(
      loop: loop, socketPath: options.apiSocket, mode: 0o666, limits: limits
    ) { [weak self] exchange in self?.route(exchange) }
    try listenForGateways()
    let link = ShimLink(loop: loop, options: options) { [weak self] news in self?.take(news) }
    shim = link
    try link.begin()
    completeTurn()
  }

  /// Runs `body` again and again, the first time after `first`.
  private func every(
    _ first: Span, interval: @escaping () -> Span, _ body: @escaping () -> Void
  ) throws(SystemError) {
    let index = periodic.count
    let timer = try loop.timer { [weak self] in
      body()
      self?.periodic[index].arm(at: Clock.now().instant + interval())
    }
    periodic.append(timer)
    timer.arm(at: Clock.now().instant + first)
  }

  private func watchSignals() throws(SystemError) {
    OwnProcess.ignoreBrokenPipes()
    for number in [SIGTERM, SIGINT] {
      sources.append(try loop.signal(number) { [weak self] in self?.drain() })
    }
    sources.append(try loop.signal(SIGUSR2) { [weak self] in self?.handOver() })
    sources.append(
      try loop.signal(SIGHUP) { [weak self] in
        guard let self else { return }
        _ = reload(dryRun: false, by: Actor("signal:HUP"))
      })
    // A shim we launched is our child until it is adopted by init; its end must not leave a zombie.
    sources.append(
      try loop.signal(SIGCHLD) { OwnProcess.reapChildren() })
  }
}

/// Keeps the runtime lock for as long as the supervisor lives.
package final class LockBox {
  private let lock: RuntimeLock
  init(_ lock: consuming RuntimeLock) { self.lock = lock }
}
